// The order of test files: those that take longest come first, so that none of them is left to one worker at the end
// while the others have nothing to do. Vitest knows how long a file takes only where it has run before.

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those of 20 s and more, by the ends of their paths. */
const longest = [
  'src/target-kit/postgres.test.ts',
  'src/cli/target.test.ts',
  'src/monitors/postgres.test.ts',
  'targets/members/target.test.ts',
  'bench/processes.test.ts',
  'tests/adapter.test.ts',
  'tests/fuzz/parser.test.ts',
  'tests/members.test.ts',
  'tests/accounting.test.ts',
  'tests/exits.test.ts',
  'tests/sql.test.ts',
  'tests/examples.test.ts',
  'tests/safety.test.ts',
  'tests/recovery.test.ts',
  'tests/cut-off.test.ts',
  'tests/lost-workers.test.ts',
  'tests/limits.test.ts',
  'tests/interrupts.test.ts',
  'tests/monitor-faults.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = longest.findIndex((name) => moduleId.endsWith(`/${name}`));
      return found === -1 ? longest.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
