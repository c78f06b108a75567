// The four kinds of users of the members system, MIX-5 and MIX-6 of the README: what they do, and how often.

import type { TaskContext, TaskDefinition, UserDefinition } from 'plimsoll';
import type { Dataset } from './draws.ts';
import { type OperationName, operations } from './queries.ts';

/** The value that `setup` returns to every user. */
export interface MembersData {
  /** Marks the rows that this run writes. */
  readonly runId: string;
  readonly dataset: Dataset;
}

/** Runs an operation as a task: a failure counts in `operation_failed`, and the user continues. */
function task(name: OperationName, weight: number): TaskDefinition {
  const { run, kind } = operations[name];
  return {
    weight,
    async run({ sql, data, vu, metrics }: TaskContext<MembersData>) {
      const startedAtMs = performance.now();
      const draw = { random: () => vu.random(), dataset: data.dataset, runId: data.runId };
      const { ok } = await run(sql, draw);
      metrics.trend('operation_duration').add(performance.now() - startedAtMs, { kind });
      metrics.rate('operation_failed').add(!ok);
    },
  };
}

type Mix = Readonly<Partial<Record<OperationName, number>>>;

const tasks = (mix: Mix): Readonly<Record<string, TaskDefinition>> =>
  Object.fromEntries(
    Object.entries(mix).map(([name, weight]) => [name, task(name as OperationName, weight)]),
  );

// Weights in percent. The source document gives only the sums of reads and writes; their split is our choice.
export const users = {
  read_heavy: {
    description: '90 % reads, 10 % writes: viewers, searchers, managers',
    weight: 50,
    tasks: tasks({
      read_member_list: 30,
      read_member_detail: 25,
      search_members: 20,
      read_organization_list: 8,
      read_student_list: 7,
      create_member: 2,
      update_member: 4,
      create_employment: 1,
      update_employment_status: 2,
      create_organization_contact: 1,
    }),
  },
  write_heavy: {
    description: '70 % writes, 30 % reads: data entry staff, HR users',
    weight: 20,
    tasks: tasks({
      read_member_list: 8,
      read_member_detail: 12,
      search_members: 6,
      read_organization_list: 2,
      read_student_list: 2,
      create_member: 18,
      update_member: 22,
      create_employment: 12,
      update_employment_status: 12,
      create_organization_contact: 6,
    }),
  },
  mixed: {
    description: '60 % reads, 40 % writes: everyday users',
    weight: 25,
    tasks: tasks({
      read_member_list: 16,
      read_member_detail: 18,
      search_members: 14,
      read_organization_list: 7,
      read_student_list: 5,
      create_member: 9,
      update_member: 14,
      create_employment: 6,
      update_employment_status: 7,
      create_organization_contact: 4,
    }),
  },
  file_operations: {
    description: 'Lists, records and reads metadata of files: document processors',
    weight: 5,
    tasks: tasks({ read_attachment_list: 45, create_attachment: 20, read_attachment_metadata: 35 }),
  },
} satisfies Readonly<Record<string, UserDefinition>>;
