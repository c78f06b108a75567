// `npm run bench`: Plimsoll against its peers, in the same rounds on the same server. Prints medians and ratios
// and keeps them in bench/results/. Options: --rounds 3 --seconds 10 --connections 50 --no-save

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { renderTable } from '../src/report/text-table.ts';
import { availableClients, type Client, type Figures } from './clients.ts';
import { canPin } from './commands.ts';
import { startServer } from './server.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '50' },
    'no-save': { type: 'boolean', default: false },
  },
});
const rounds = Number(flags.rounds);
const seconds = Number(flags.seconds);
const connections = Number(flags.connections);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

interface Row {
  readonly client: Client;
  readonly rounds: readonly Figures[];
}

async function measure(): Promise<{ readonly server: string; readonly rows: Row[] }> {
  const server = await startServer(0);
  const rows = availableClients().map((client) => ({ client, rounds: [] as Figures[] }));
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const row of rows) {
        process.stderr.write(`round ${round} of ${rounds}: ${row.client.name}\n`);
        const core = availableParallelism() > 1 ? 1 : 0;
        row.rounds.push(row.client.run({ url: server.url, connections, seconds, core }));
      }
    }
  } finally {
    await server.stop();
  }
  return { server: server.name, rows };
}

/** Median over the rounds of Plimsoll's figure divided by the peer's in the same round. */
function ratio(rows: readonly Row[], peer: Row, figure: keyof Figures): number {
  const own = rows[0]!;
  return median(own.rounds.map((figures, round) => figures[figure] / peer.rounds[round]![figure]));
}

const { server, rows } = await measure();
const table = rows.map((row) => ({
  client: row.client.name,
  note: row.client.note,
  requestsPerSec: Math.round(median(row.rounds.map(({ requestsPerSec }) => requestsPerSec))),
  cpuUsPerRequest: Number(median(row.rounds.map(({ cpuUsPerRequest }) => cpuUsPerRequest)).toFixed(2)),
  plimsollSpeedRatio: Number(ratio(rows, row, 'requestsPerSec').toFixed(2)),
  plimsollCpuRatio: Number(ratio(rows, row, 'cpuUsPerRequest').toFixed(2)),
}));
const date = new Date().toISOString();
const result = {
  date,
  machine: { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version, pinned: canPin },
  server,
  connections,
  seconds,
  rounds,
  clients: table,
  raw: rows.map(({ client, rounds: figures }) => ({ client: client.name, figures })),
};

console.log(
  `\n${connections} connections, ${seconds} s, medians of ${rounds} rounds; ${server} on core 0, clients on core 1${canPin ? '' : ' (not pinned: no taskset)'}\n`,
);
const columns = ['client', 'requests/s', 'CPU/request', 'Plimsoll is', 'its CPU is', ''];
console.log(
  renderTable(
    columns.map((title, index) => ({ title, align: index === 0 || index === 5 ? 'left' : 'right' })),
    table.map((row) => [
      row.client,
      row.requestsPerSec.toLocaleString('en'),
      `${row.cpuUsPerRequest.toFixed(2)} us`,
      `${row.plimsollSpeedRatio.toFixed(2)} x`,
      `${row.plimsollCpuRatio.toFixed(2)} x`,
      row.note,
    ]),
    (title) => title,
  ).join('\n'),
);
if (!flags['no-save']) {
  const folder = fileURLToPath(new URL('./results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}http-${date.slice(0, 19).replaceAll(':', '')}.json`;
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`\nkept in ${file}`);
}
