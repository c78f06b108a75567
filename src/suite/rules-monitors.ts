// Rules of monitors: names that make metrics, each of its own, and one way to find a process. Called by rules.ts.

import type { Mistake } from '../model/errors.ts';
import { type MonitorKind, monitorKinds, monitorMetric } from '../model/monitor.ts';
import { httpFigures } from '../model/monitor-figures.ts';
import type { MonitorDefinition } from '../model/monitor-settings.ts';
import { mistakeAt, type Path, recordOf } from './mistake.ts';
import { figuresOf, type MonitorDefinitions, reservedName } from './monitor-settings.ts';

const waysToFind = ['port', 'pid', 'pidFile', 'name'];
const aName = 'a name of letters, digits and _, such as "orders_db"';

/** The monitors of the suite and of `holder`, which is a profile or the suite itself, as far as their figures are sound. */
export function soundMonitors(suite: unknown, holder: unknown): MonitorDefinitions {
  const all = { ...recordOf(recordOf(suite).monitors), ...recordOf(recordOf(holder).monitors) };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, MonitorDefinition] => hasFigures(entry[1])),
  );
}

function hasFigures(monitor: unknown): monitor is MonitorDefinition {
  const { kind, select, queries } = recordOf(monitor);
  if (kind === 'prometheus' || kind === 'otlp') {
    return typeof select === 'object' && select !== null && Object.values(select).every(isSelection);
  }
  if (kind === 'prometheus-query') return typeof queries === 'object' && queries !== null;
  return monitorKinds.some((one) => one === kind);
}

function isSelection(value: unknown): boolean {
  return typeof value === 'string' || typeof recordOf(value).metric === 'string';
}

/** All mistakes in the `monitors` of `holder`, which is a profile, an environment, or the suite itself. */
export function findMonitorMistakes(path: Path, holder: unknown, suite: unknown): Mistake[] {
  const own = recordOf(recordOf(holder).monitors);
  const sound = soundMonitors(suite, holder);
  return Object.entries(own).flatMap(([name, monitor]) => {
    const at = [...path, name];
    const definition = sound[name];
    return [
      ...findMonitorNameMistakes(at, name, definition),
      ...(definition === undefined ? [] : findClashes(at, name, definition, sound)),
      ...findFigureMistakes(at, monitor),
      ...findProcessMistakes(at, monitor),
    ];
  });
}

function findMonitorNameMistakes(
  at: Path,
  name: string,
  definition: MonitorDefinition | undefined,
): Mistake[] {
  if (!/^[A-Za-z]\w*$/.test(name)) return [mistakeAt(at, aName, name)];
  const reserved = definition === undefined ? undefined : reservedName(name, definition);
  return reserved === undefined ? [] : [mistakeAt(at, `another name: this one is ${reserved}`, name)];
}

/** `a` with a figure `b_c` and `a_b` with a figure `c` would make one metric. Told at the later one. */
function findClashes(
  at: Path,
  name: string,
  definition: MonitorDefinition,
  monitors: MonitorDefinitions,
): Mistake[] {
  const metrics = new Set(Object.keys(figuresOf(definition)).map((figure) => monitorMetric(name, figure)));
  const before = Object.entries(monitors).slice(0, Object.keys(monitors).indexOf(name));
  for (const [other, one] of before) {
    const clash = Object.keys(figuresOf(one)).find((figure) => metrics.has(monitorMetric(other, figure)));
    if (clash === undefined) continue;
    const metric = monitorMetric(other, clash);
    return [mistakeAt(at, `another name: ${metric} is also a metric of the monitor ${other}`, name)];
  }
  return [];
}

function findFigureMistakes(at: Path, monitor: unknown): Mistake[] {
  const { kind, select, queries, figures } = recordOf(monitor);
  const mistakes: Mistake[] = [];
  for (const [key, named] of Object.entries({ select, queries, figures })) {
    for (const figure of Object.keys(recordOf(named))) {
      const own = kind === ('http' satisfies MonitorKind) && Object.hasOwn(httpFigures, figure);
      if (!/^[A-Za-z]\w*$/.test(figure)) mistakes.push(mistakeAt([...at, key, figure], aName, figure));
      else if (own)
        mistakes.push(mistakeAt([...at, key, figure], 'a name that is not taken already', figure));
    }
  }
  for (const [figure, selection] of Object.entries(recordOf(select))) {
    const { as, quantile } = recordOf(selection);
    if (as === 'quantile' && quantile === undefined) {
      mistakes.push(mistakeAt([...at, 'select', figure], '`quantile` beside `as: "quantile"`', selection));
    } else if (quantile !== undefined && as !== undefined && as !== 'quantile') {
      mistakes.push(mistakeAt([...at, 'select', figure, 'as'], '"quantile", or no `quantile` beside it', as));
    }
  }
  if ((kind === 'prometheus' || kind === 'otlp') && Object.keys(recordOf(select)).length === 0) {
    mistakes.push(mistakeAt([...at, 'select'], 'at least one figure', select));
  }
  return mistakes;
}

function findProcessMistakes(at: Path, monitor: unknown): Mistake[] {
  if (recordOf(monitor).kind !== 'process') return [];
  const given = waysToFind.filter((way) => recordOf(monitor)[way] !== undefined);
  if (given.length <= 1) return [];
  return [mistakeAt(at, 'one of port, pid, pidFile and name', given.join(' and '))];
}
