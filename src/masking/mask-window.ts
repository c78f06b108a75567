// Masks what a worker tells once a second. The worker does so with the secrets that only it knows, such as cookies, and
// the coordinator with its own.

import type { MetricWindow } from '../model/metric.ts';
import { maskData } from './mask.ts';

/** Of a window only the tags of new series are texts. */
export function maskWindow(window: MetricWindow): MetricWindow {
  return window.definitions.length === 0 ? window : { ...window, definitions: maskData(window.definitions) };
}
