// Evaluates the module that a suite was bundled to. Called by suite.ts.

import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { messageOf, PlimsollError, SuiteError, UsageError } from '../model/errors.ts';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';

/** A module may wait for something at its top level, but not for ever. */
const mostEvaluationMs = 30_000;

/**
 * The default export of the module; within an object, as reading a suite, even a `then` of it, may throw. Throws a `UsageError` when evaluating it fails or does not end, and a `SuiteError`
 * when it exports no suite.
 */
export async function evaluateSuite(file: string, bundlePath: string): Promise<{ readonly suite: unknown }> {
  const module = await evaluate(file, bundlePath);
  const mistake = (found: string, expected = 'the suite: export default defineSuite({ ... })'): SuiteError =>
    new SuiteError(file, [{ path: 'default', expected, found }]);
  if (!('default' in module)) {
    const names = Object.keys(module);
    throw mistake(names.length === 0 ? 'no export' : `only ${names.join(', ')}`);
  }
  const { default: suite } = module;
  if (typeof suite === 'function') {
    throw mistake('a function', 'the suite itself: call the function, export default make()');
  }
  if (types.isPromise(suite)) {
    throw mistake('a promise', 'the suite itself: wait for it, export default await make()');
  }
  return { suite };
}

async function evaluate(file: string, bundlePath: string): Promise<Record<string, unknown>> {
  let timer: Timer | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = startTimer(() => {
      const message = `${file} was not evaluated within ${mostEvaluationMs / 1000} s`;
      const hint = 'an await at its top level never completes';
      reject(new UsageError(message, { hint }));
    }, mostEvaluationMs);
    // Where nothing else is left to wait for, Node ends by itself, and cli/exit-guard.ts says why.
    timer.unref();
  });
  try {
    const evaluated = import(pathToFileURL(bundlePath).href) as Promise<Record<string, unknown>>;
    return await Promise.race([evaluated, tooLong]);
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    throw new UsageError(`${file} failed while it was evaluated: ${messageOf(thrown)}${placeOf(thrown)}`, {
      cause: thrown,
    });
  } finally {
    cancelTimer(timer);
  }
}

function placeOf(thrown: unknown): string {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  const frames = stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !/node:internal|at async evaluate(?:Suite)? /.test(line));
  return frames.length === 0 ? '' : `\n${frames.slice(0, 3).join('\n')}`;
}
