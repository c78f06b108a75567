// Times the analysis of a record of two hours with 50 tasks and 20 monitors, in this process and by `plimsoll analyze`. Run by
// `npm run time:analysis`, which fails when the analysis takes more than two seconds of CPU time.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { analyse } from '../src/analysis/analyse.ts';
import { longRun } from '../src/analysis/long-run.cases.ts';

const limitMs = 2000;
const rounds = 3;
const command = fileURLToPath(new URL('../bin/plimsoll.js', import.meta.url));

function cpuMs(usage: { readonly userCPUTime: number; readonly systemCPUTime: number }): number {
  return (usage.userCPUTime + usage.systemCPUTime) / 1000;
}

function row(what: string, wallMs: number, ownMs: number): void {
  process.stdout.write(
    `${what.padEnd(28)}${wallMs.toFixed(0).padStart(8)} ms${ownMs.toFixed(0).padStart(8)} ms\n`,
  );
}

const measured = longRun();
const record = { ...measured, ...analyse(measured) };
const figures = Object.values(record.monitors).reduce(
  (sum, { series }) => sum + Object.keys(series).length,
  0,
);
process.stdout.write(
  `${record.timeline.length} windows, ${Object.keys(record.monitors).length} monitors with ${figures} figures, ${record.findings.length} findings\n\n`,
);
process.stdout.write(`${''.padEnd(28)}${'elapsed'.padStart(11)}${'CPU'.padStart(11)}\n`);
for (let round = 1; round <= rounds; round++) {
  const [before, at] = [process.resourceUsage(), performance.now()];
  analyse(measured);
  row(`analyse, round ${round}`, performance.now() - at, cpuMs(process.resourceUsage()) - cpuMs(before));
}

/** User and system time of the children that have ended, by the shell's `times`. */
function childCpuMs(text: string): number {
  const last = text.trim().split('\n').at(-1) ?? '';
  return [...last.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + 60_000 * Number(minutes) + 1000 * Number(seconds),
    0,
  );
}

const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-time-'));
let slowest = 0;
try {
  const file = path.join(folder, 'run.json');
  writeFileSync(file, JSON.stringify(record));
  for (let round = 1; round <= rounds; round++) {
    const at = performance.now();
    const shell = '"$1" "$2" analyze "$3" >/dev/null; code=$?; times; exit $code';
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['-c', shell, 'bash', process.execPath, command, file],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`plimsoll analyze ended with ${status}: ${stderr}`);
    const ownMs = childCpuMs(stdout);
    slowest = Math.max(slowest, ownMs);
    row(`plimsoll analyze, round ${round}`, performance.now() - at, ownMs);
  }
} finally {
  rmSync(folder, { recursive: true });
}
if (slowest > limitMs) {
  process.stderr.write(
    `plimsoll analyze took ${slowest.toFixed(0)} ms of CPU time, more than ${limitMs} ms\n`,
  );
  process.exitCode = 1;
}
