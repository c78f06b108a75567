// Entry of a thread that takes documents apart, one after the other. documents/threads.ts has it started.

import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../src/model/errors.ts';
import { type AnalysisTask, analyse } from './documents/analyse.ts';
import type { FromThread } from './documents/threads.ts';

parentPort!.on('message', (task: AnalysisTask) => {
  const tell = (message: FromThread) => parentPort!.postMessage(message);
  analyse(task).then(
    (analysis) => tell({ analysis }),
    (error: unknown) => tell({ trouble: messageOf(error) }),
  );
});
