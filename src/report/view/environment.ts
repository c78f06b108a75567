// Where a run came from: the machine, the versions, the target. A page lists it, a document names the most of it in its
// last line.

import type { RunRecord } from '../../model/run-record.ts';
import { formatBytes, formatCount } from '../format-values.ts';
import { pageOnly } from './cells.ts';
import type { Section } from './section.ts';
import { targetOf } from './sent.ts';

export function environmentSection({ environment, id, target, plan }: RunRecord): Section {
  const facts = [
    { label: 'Target', value: targetOf({ target, plan }) ?? 'none' },
    { label: 'Environment', value: environment.name },
    { label: 'Plimsoll', value: environment.plimsoll },
    { label: 'Node', value: environment.node },
    { label: 'System', value: environment.os },
    {
      label: 'Processor',
      value: `${environment.cpuModel}, ${formatCount(environment.cpuCount)} cores`,
    },
    { label: 'Memory', value: formatBytes(environment.memoryBytes) },
    { label: 'CI', value: environment.ci ? 'yes' : 'no' },
    { label: 'Run', value: id },
  ];
  return { id: 'environment', title: 'Environment', blocks: [{ kind: 'facts', facts }], ...pageOnly };
}
