// Rules of monitors: names that make metrics, and one way to find a process. Called by rules.ts.

import type { Mistake } from '../model/errors.ts';
import { mistakeAt, type Path, recordOf } from './mistake.ts';
import { generatorMonitor } from './monitor-settings.ts';

const waysToFind = ['port', 'pid', 'pidFile', 'name'];
const aName = 'a name of letters, digits and _, such as "orders_db"';

/** All mistakes in the `monitors` of `holder`, which is a profile or the suite itself. */
export function findMonitorMistakes(path: Path, holder: unknown): Mistake[] {
  return Object.entries(recordOf(recordOf(holder).monitors)).flatMap(([name, monitor]) => {
    const at = [...path, name];
    const mistakes: Mistake[] = [];
    if (!/^[A-Za-z]\w*$/.test(name)) mistakes.push(mistakeAt(at, aName, name));
    if (name === generatorMonitor) {
      mistakes.push(
        mistakeAt(at, 'another name: this one is that of the load generator, which is always watched', name),
      );
    }
    const { kind, select, queries, figures } = recordOf(monitor);
    if (kind === 'process') {
      const given = waysToFind.filter((way) => recordOf(monitor)[way] !== undefined);
      if (given.length > 1) {
        mistakes.push(mistakeAt(at, 'one of port, pid, pidFile and name', given.join(' and ')));
      }
    }
    for (const [key, named] of Object.entries({ select, queries, figures })) {
      for (const figure of Object.keys(recordOf(named))) {
        if (/^[A-Za-z]\w*$/.test(figure)) continue;
        mistakes.push(mistakeAt([...at, key, figure], aName, figure));
      }
    }
    if ((kind === 'prometheus' || kind === 'otlp') && Object.keys(recordOf(select)).length === 0) {
      mistakes.push(mistakeAt([...at, 'select'], 'at least one figure', select));
    }
    return mistakes;
  });
}
