// The one function a suite file calls.

import type { SuiteDefinition } from '../model/suite.ts';

/**
 * Declares a suite; the file's default export. It returns its argument unchanged: its use is the type, so
 * that an editor completes names and shows mistakes while the suite is written.
 */
export function defineSuite<const Suite extends SuiteDefinition>(suite: Suite): Suite {
  return suite;
}
