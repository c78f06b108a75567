// What the language model's process and the one that started it tell each other. Used by start.ts and by the process.

import type { ModelOptions } from './server.ts';

export interface ToModel {
  readonly kind: 'start';
  readonly options: ModelOptions;
}

export type FromModel =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'failed'; readonly message: string };
