import { hostFigures } from '../model/monitor-figures.ts';
import { createHostMonitor } from './host.ts';
import { describeMonitor } from './monitor.cases.ts';

describeMonitor('the host', {
  create: () => createHostMonitor({ kind: 'host' }),
  figures: hostFigures,
  always: ['cpu_ratio', 'memory_used_bytes', 'memory_used_ratio'],
});
