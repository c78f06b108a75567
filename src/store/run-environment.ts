// Where a run took place: stored with every record, since figures mean little without it.

import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import type { RunEnvironment } from '../model/run-record.ts';

export function describeEnvironment(name: string, plimsollVersion: string): RunEnvironment {
  return {
    name,
    plimsoll: plimsollVersion,
    node: process.version,
    os: `${platform()} ${release()}`,
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cpuCount: availableParallelism(),
    memoryBytes: totalmem(),
    ci: process.env.CI !== undefined && process.env.CI !== 'false',
  };
}
