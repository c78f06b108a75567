// Has the engine of JavaScript give back memory at a moment of our choice. Called by protocols/http/body-memory.ts, when
// bodies are short of room, and by run/drive.ts.

import v8 from 'node:v8';
import vm from 'node:vm';

let collector: (() => void) | undefined;

/** A whole collection; takes some 10 ms per 20 MB that are alive. Node hides it behind a flag, which may be set while it runs. */
export function collectGarbage(): void {
  if (collector === undefined) {
    v8.setFlagsFromString('--expose-gc');
    collector = vm.runInNewContext('gc') as () => void;
    v8.setFlagsFromString('--no-expose-gc');
  }
  collector();
}
