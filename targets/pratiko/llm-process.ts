// Entry of the language model's process. llm/start.ts has it started, never a person.

import { messageOf } from '../../src/model/errors.ts';
import { urlOf } from '../../src/target-kit/http-server.ts';
import type { FromModel, ToModel } from './llm/messages.ts';
import { createModelServer, type ModelOptions } from './llm/server.ts';

function tell(message: FromModel): void {
  process.send?.(message);
}

async function start(options: ModelOptions): Promise<void> {
  try {
    const server = createModelServer(options);
    tell({ kind: 'ready', url: urlOf(await server.listen(0, '127.0.0.1')) });
  } catch (error) {
    tell({ kind: 'failed', message: messageOf(error) });
  }
}

process.on('message', ({ options }: ToModel) => void start(options));
// Whoever started it is gone, or wants it to end.
process.on('disconnect', () => process.exit());
// Ctrl-C in the terminal is for the owner, whose questions may still be on their way.
process.on('SIGINT', () => {});
