// Starts the language model in a process of its own, so that its work takes no time from the system that asks it. Called by
// target.ts.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TargetError } from '../../../src/model/errors.ts';
import { moduleUrl } from '../../../src/model/package-files.ts';
import { type EndSteps, endProcess, identify } from '../../../src/system/end-process.ts';
import { createGuardian } from '../../../src/system/guardian.ts';
import { HttpError } from '../../../src/target-kit/http-error.ts';
import type { FromModel, ToModel } from './messages.ts';
import type { ModelOptions } from './server.ts';

export interface RunningModel {
  /** Without a slash at the end; completions are below `/v1`. */
  readonly url: string;
  /** How it behaves now. Throws a 502 when its process does not answer. */
  behaviour(): Promise<unknown>;
  /** Changes the fields that `body` gives, and tells all. Throws a 400 for a field that does not fit, a 502 as above. */
  behave(body: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** It has nothing to lose. One that was paused hears a signal only when it goes on. */
const endSteps: EndSteps = [{ signal: 'SIGKILL', waitMs: 3000 }];

/** Resolves once it answers. Throws a `TargetError` when it does not start; nothing is left running then. */
export async function startModel(options: ModelOptions): Promise<RunningModel> {
  const entry = fileURLToPath(moduleUrl('targets/pratiko/llm-process'));
  const guardian = await createGuardian();
  const child = fork(entry, [], {
    execArgv: entry.endsWith('.ts') ? ['--import', 'tsx'] : [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  if (child.pid !== undefined) guardian.watch(child.pid, endSteps);
  let stopping: Promise<void> | undefined;
  const end = async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      await endProcess(identify(child.pid), endSteps);
    }
    await guardian.release();
  };
  const stop = () => (stopping ??= end());
  try {
    const url = await new Promise<string>((resolve, reject) => {
      child.once('error', (error) => reject(new TargetError(`the language model: ${error.message}`)));
      child.once('exit', (code, signal) =>
        reject(
          new TargetError(`the language model ended while it started: ${signal ?? `exit code ${code}`}`),
        ),
      );
      child.once('message', (message: FromModel) => {
        if (message.kind === 'ready') resolve(message.url);
        else reject(new TargetError(`the language model does not start: ${message.message}`));
      });
      child.send({ kind: 'start', options } satisfies ToModel);
    });
    // It ends with its owner, and does not keep it.
    child.unref();
    child.channel?.unref();
    const behave = (body?: unknown) => askBehaviour(url, options.adminKey, body);
    return { url, behaviour: () => behave(), behave, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Refusal {
  readonly error: Pick<HttpError, 'code' | 'message'> & Partial<Pick<HttpError, 'fields'>>;
}

async function askBehaviour(url: string, adminKey: string, body?: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`${url}/admin/behaviour`, {
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      ...(body !== undefined && { method: 'PUT', body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new HttpError(502, 'no_model', `the process of the model does not answer: ${String(error)}`);
  }
  const answer = (await response.json()) as unknown;
  if (response.ok) return answer;
  const { code, message, fields = [] } = (answer as Refusal).error;
  throw new HttpError(response.status, code, message, { fields });
}
