// Folders that look like /proc, for trees of processes and machines that a test cannot have.

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface FakeProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly startTicks: number;
  readonly command?: string;
  readonly commandLine?: readonly string[];
  readonly state?: string;
  /** User time, system time, and both of ended children. */
  readonly ticks?: readonly [number, number, number, number];
  /** Inodes of sockets that it has open. */
  readonly sockets?: readonly number[];
}

/** The line of /proc/<pid>/stat. */
export function statLine({
  pid,
  parentPid,
  startTicks,
  command = 'app',
  state = 'S',
  ticks,
}: FakeProcess): string {
  const [user, system, endedUser, endedSystem] = ticks ?? [0, 0, 0, 0];
  return `${pid} (${command}) ${state} ${parentPid} ${pid} ${pid} 0 -1 4194304 100 0 0 0 ${user} ${system} ${endedUser} ${endedSystem} 20 0 3 0 ${startTicks} 1000000 250 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n`;
}

/** Writes files by path into a new folder; answers with it. It goes with the test. */
export async function writeFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'plimsoll-proc-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

/** A folder with `proc` in it. Processes without `sockets` do not let us see their descriptors. */
export async function writeProc(
  processes: readonly FakeProcess[],
  { listeners = [] }: { readonly listeners?: readonly { port: number; inode: number; v6?: true }[] } = {},
): Promise<string> {
  const heading =
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
  const table = (v6: boolean): string =>
    [
      heading,
      ...listeners
        .filter((one) => (one.v6 ?? false) === v6)
        .map(({ port, inode }, i) => tcpLine(i, v6, port, '0A', inode)),
      // A connection to the same port does not listen.
      tcpLine(99, v6, listeners[0]?.port ?? 1, '01', 666),
      '',
    ].join('\n');
  const root = await writeFolder({ 'proc/net/tcp': table(false), 'proc/net/tcp6': table(true) });
  for (const process of processes) {
    const folder = join(root, 'proc', String(process.pid));
    await mkdir(folder);
    await writeFile(join(folder, 'stat'), statLine(process));
    await writeFile(
      join(folder, 'cmdline'),
      (process.commandLine ?? ['app']).map((word) => `${word}\0`).join(''),
    );
    if (process.sockets === undefined) continue;
    await mkdir(join(folder, 'fd'));
    for (const [i, inode] of process.sockets.entries())
      await symlink(`socket:[${inode}]`, join(folder, 'fd', String(i)));
  }
  return root;
}

function tcpLine(slot: number, v6: boolean, port: number, state: string, inode: number): string {
  const address = `${v6 ? '0'.repeat(32) : '0100007F'}:`;
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return `${String(slot).padStart(4)}: ${address}${hex} ${address}0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0000000000000000 100 0 0 10 0`;
}
