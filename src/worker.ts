// Entry of a worker process: a worker session over the channel to the process that started it. run/boot-workers.ts
// has it started, never a person.

import type { ToWorker } from './engine/messages.ts';
import { preloadProtocols } from './protocols/open-protocols.ts';
import { createWorkerSession } from './run/worker-session.ts';
import { removeTemporaryFolder } from './system/temporary-folder.ts';

const folder = process.argv[2]!;
const session = createWorkerSession({
  send(message, onSent) {
    if (process.connected) process.send!(message, undefined, undefined, onSent);
  },
  env: process.env,
  folder,
  ended: () => process.disconnect(),
  abandon: () => process.exit(1),
});
process.on('message', (message: ToWorker) => session.receive(message));
// The terminal sends Ctrl-C to the whole group; only the coordinator decides what it means.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// Without a coordinator nobody would ever stop the load.
process.on('disconnect', () => process.exit(0));
// User code may end the process while it is imported.
process.on('exit', () => removeTemporaryFolder(folder));
process.on('unhandledRejection', session.rejected);
process.on('uncaughtException', (thrown) => {
  if (!process.connected) process.exit(1);
  session.uncaught(thrown);
});
session.begin();
preloadProtocols();
