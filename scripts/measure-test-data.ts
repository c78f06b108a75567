// Measures what a million rows of test data cost: the time to load a suite with them, and the memory of workers during a run,
// each beside the same suite with a hundred rows. `npx tsx scripts/measure-test-data.ts [rows]`, on a built package.

import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from '../src/model/run-record.ts';
import { loadSuite } from '../src/suite/suite.ts';

const most = Number(process.argv[2] ?? 1_000_000);
const few = 100;
const rounds = 3;
const users = 1000;
const command = fileURLToPath(new URL('../bin/plimsoll.js', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-rows-'));

const formats = {
  csv: {
    head: 'id,email,name,note\r\n',
    tail: '',
    row: (i: number) => `${i},user${i}@example.com,"Rossi, ${i}",plain text of row ${i}\r\n`,
  },
  jsonl: {
    head: '',
    tail: '',
    row: (i: number) => `${JSON.stringify({ id: i, email: `user${i}@example.com`, at: { city: 'Rome' } })}\n`,
  },
  json: {
    head: '[{"id":0,"email":"","at":{"city":"Rome"}}',
    tail: ']',
    row: (i: number) =>
      `,\n${JSON.stringify({ id: i, email: `user${i}@example.com`, at: { city: 'Rome' } })}`,
  },
} as const;
type Format = keyof typeof formats;

async function writeRows(format: Format, rows: number): Promise<string> {
  const file = path.join(folder, `${rows}.${format}`);
  const { head, tail, row } = formats[format];
  const out = createWriteStream(file);
  out.write(head);
  for (let i = 1; i <= rows; i++) {
    if (!out.write(row(i))) await new Promise<void>((resolve) => out.once('drain', resolve));
  }
  out.end(tail);
  await finished(out);
  return file;
}

function writeSuite(data: string, url: string, policy: string): string {
  const file = path.join(folder, `${path.basename(data)}-${policy}.yaml`);
  writeFileSync(
    file,
    `name: rows
baseUrl: ${url}
data: { rows: { file: ${data}, policy: ${policy} } }
users: { u: { thinkTime: 100ms, tasks: { t: { requests: [{ url: "/\${rows.id}", name: row, responseType: none }] } } } }
profiles: { only: { executor: constant-vus, vus: ${users}, duration: 10s } }
`,
  );
  return file;
}

const cpuMs = (): number => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return (userCPUTime + systemCPUTime) / 1000;
};

/** The median over the rounds, ms: elapsed, and of this process's CPU. */
async function timeLoading(suite: string): Promise<{ elapsedMs: number; ownMs: number }> {
  const times: { elapsedMs: number; ownMs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const [at, before] = [performance.now(), cpuMs()];
    await loadSuite(suite, { env: {} });
    times.push({ elapsedMs: performance.now() - at, ownMs: cpuMs() - before });
  }
  return times.sort((a, b) => a.ownMs - b.ownMs)[Math.floor(rounds / 2)]!;
}

async function run(suite: string): Promise<RunRecord> {
  const out = path.join(folder, 'results');
  const child = spawn(process.execPath, [command, 'run', suite, '--workers', '1', '--out', out], {
    stdio: 'ignore',
  });
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(readFileSync(path.join(out, 'rows', 'latest', 'run.json'), 'utf8')) as RunRecord;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
const print = (...cells: string[]): void => {
  process.stdout.write(
    `${cells.map((cell, i) => (i === 0 ? cell.padEnd(34) : cell.padStart(14))).join('')}\n`,
  );
};

const server = http.createServer((request, response) => {
  request.resume();
  response.end('ok');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
try {
  print('loading the suite', 'size', 'elapsed', 'CPU');
  const files: [Format, number, string][] = [];
  for (const format of Object.keys(formats) as Format[]) {
    for (const rows of [few, most]) files.push([format, rows, await writeRows(format, rows)]);
  }
  for (const [format, rows, file] of files) {
    const { elapsedMs, ownMs } = await timeLoading(writeSuite(file, url, 'circular'));
    print(
      `${rows} rows, ${format}`,
      megabytes(statSync(file).size),
      `${elapsedMs.toFixed(0)} ms`,
      `${ownMs.toFixed(0)} ms`,
    );
  }
  print('');
  print(`${users} users for 10 s, one worker`, 'rows given', 'worker memory', 'worker CPU');
  for (const [format, rows, file] of files.filter(([format]) => format === 'csv')) {
    for (const policy of ['circular', 'random']) {
      const record = await run(writeSuite(file, url, policy));
      const [worker] = record.generator.workers;
      print(
        `${rows} rows, ${format}, ${policy}`,
        String(record.data?.[0]?.given),
        megabytes(worker!.peakMemoryBytes),
        `${worker!.cpuMs.toFixed(0)} ms`,
      );
    }
  }
} finally {
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
