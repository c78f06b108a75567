// Threads that take documents apart, so that the event loop stays free. Called by documents.ts.

import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { isBuilt, moduleUrl } from '../../../src/model/package-files.ts';
import { type Analysis, type AnalysisTask, analyse } from './analyse.ts';

/** The answer to a task: what was found, or why the document could not be read. */
export type FromThread = { readonly analysis: Analysis } | { readonly trouble: string };

export interface Threads {
  /** Waits for a thread that is free. Throws when the file cannot be read, or the thread ends. */
  analyse(task: AnalysisTask): Promise<Analysis>;
  close(): Promise<void>;
}

interface Waiting {
  readonly task: AnalysisTask;
  readonly resolve: (analysis: Analysis) => void;
  readonly reject: (error: Error) => void;
}

/** `count` threads; with 0, documents are taken apart on the event loop. */
export async function createThreads(count: number): Promise<Threads> {
  if (count === 0) return { analyse, close: async () => {} };
  const program = await threadProgram();
  const waiting: Waiting[] = [];
  const workers = new Map<Worker, Waiting | undefined>();
  let isClosing = false;

  function startWorker(): Worker {
    const worker = new Worker(program, { eval: typeof program === 'string' });
    workers.set(worker, undefined);
    worker.on('message', (message: FromThread) => {
      const done = workers.get(worker);
      workers.set(worker, undefined);
      if ('analysis' in message) done?.resolve(message.analysis);
      else done?.reject(new Error(message.trouble));
      giveOut();
    });
    worker.on('error', (error) => workers.get(worker)?.reject(error as Error));
    worker.on('exit', () => {
      workers.get(worker)?.reject(new Error('the thread that took the document apart has ended'));
      workers.delete(worker);
      giveOut();
    });
    worker.unref();
    return worker;
  }

  /** A thread without work, a new one where one has ended. */
  function freeWorker(): Worker | undefined {
    for (const [worker, busyWith] of workers) if (busyWith === undefined) return worker;
    return workers.size < count ? startWorker() : undefined;
  }

  function giveOut(): void {
    while (waiting.length > 0 && !isClosing) {
      const worker = freeWorker();
      if (worker === undefined) return;
      const next = waiting.shift()!;
      workers.set(worker, next);
      worker.postMessage(next.task);
    }
  }

  for (let i = 0; i < count; i++) startWorker();
  return {
    analyse: (task) =>
      new Promise((resolve, reject) => {
        waiting.push({ task, resolve, reject });
        giveOut();
      }),
    async close() {
      isClosing = true;
      await Promise.all([...workers.keys()].map((worker) => worker.terminate()));
      for (const { reject } of waiting.splice(0)) reject(new Error('the system is stopping'));
    },
  };
}

/** The file that a thread runs, or, from source, one bundled text: threads of Node 20 cannot read TypeScript. */
async function threadProgram(): Promise<URL | string> {
  const url = moduleUrl('targets/pratiko/document-thread');
  if (isBuilt) return url;
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(url)],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    write: false,
  });
  return outputFiles[0]!.text;
}
