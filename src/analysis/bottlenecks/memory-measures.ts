// What the signs of the rule about leaks measure: growth in long steady loads, and memory that rises through a short run.
// Used by rules-machine.ts.

import { monitorMetric } from '../../model/monitor.ts';
import { monotony } from '../../stats/lagged-correlation.ts';
import { median } from '../../stats/median.ts';
import { watching } from './figures.ts';
import type { Measured } from './rule.ts';
import { type Scene, seriesOf, type Watched } from './scene.ts';

/** Memory that gains less in a run is no leak to speak of. */
const leastGainBytes = 100e6;
/** Memory that is full within this time is a problem, whatever else goes well. */
const soonMs = 3_600_000;
/** It must rise from reading to reading, */
const leastMonotony = 0.9;
const fewestOfRise = 6;
/** and still in the last third, of the middle one. */
const leastLateRise = 1.1;

/**
 * Growth in long steady loads, without that of the load generator and its machine. A machine that both share counts only
 * where the generator itself does not grow.
 */
export function endlessGrowth(scene: Scene): Measured[] {
  const { drifts } = scene;
  const ofGenerator = namesOf(watching(scene, 'generator', 'generator-machine'));
  const isGeneratorGrowing = drifts.some(({ stretch: { series } }) => ofGenerator.has(series.name));
  const shared = namesOf(watching(scene, 'machine').filter(isOfThisMachine));
  const leaks = drifts.filter(
    ({ stretch: { series }, growth }) =>
      growth.course === 'steady' &&
      series.unit !== 'ms' &&
      !ofGenerator.has(series.name) &&
      !(isGeneratorGrowing && shared.has(series.name)),
  );
  const [first] = leaks;
  if (first === undefined) return [];
  const more = leaks.map(({ stretch: { series, part }, to }) => ({
    name: `${series.name} at last`,
    value: to,
    unit: series.unit,
    fromMs: part.fromMs,
    untilMs: part.untilMs,
  }));
  return [
    {
      name: 'figures that grow without end',
      title: first.stretch.series.title,
      value: leaks.length,
      unit: 'count',
      series: first.stretch.series,
      more,
    },
  ];
}

function isOfThisMachine({ plan }: Watched): boolean {
  return plan?.source.kind !== 'host' || plan.source.nodeExporter === undefined;
}

/** Of all their figures. */
function namesOf(watched: readonly Watched[]): ReadonlySet<string> {
  return new Set(
    watched.flatMap(({ name, monitor }) =>
      Object.keys(monitor.figures).map((figure) => monitorMetric(name, figure)),
    ),
  );
}

/** In runs that are too short to tell a leak from a cache that fills: memory that rises from one reading to the next. */
export function memoryRise(scene: Scene): Measured[] {
  const figures = ['heap_bytes', 'rss_bytes', 'cgroup_memory_bytes'];
  const found = watching(scene, 'target').flatMap(({ name }) =>
    figures.flatMap((figure): Measured[] => {
      const series = seriesOf(scene, name, figure);
      const { load } = scene.condition;
      const values = (series?.observations ?? [])
        .filter(({ atMs }) => atMs >= load.fromMs && atMs <= load.untilMs + 1000)
        .map(({ value }) => value);
      if (series === undefined || values.length < fewestOfRise) return [];
      const third = Math.floor(values.length / 3);
      const [first, middle, last] = [
        values.slice(0, third),
        values.slice(third, 2 * third),
        values.slice(-third),
      ].map(median) as [number, number, number];
      if (first <= 0 || last - first < leastGainBytes || last < leastLateRise * middle) return [];
      if (monotony(values) < leastMonotony) return [];
      const perMs = (last - first) / ((2 / 3) * (load.untilMs - load.fromMs));
      const fullInMs = (scene.measured.environment.memoryBytes - last) / perMs;
      const more = [
        { name: `${series.name} in the first third`, value: first, unit: 'bytes' },
        { name: `${series.name} in the last third`, value: last, unit: 'bytes' },
        {
          name: 'time until the memory of the machine is full, at this rate',
          value: Math.max(0, fullInMs),
          unit: 'ms',
        },
      ];
      return [
        {
          name: `rise of ${series.name}`,
          title: series.title,
          value: last / first,
          unit: 'times',
          readings: values.length,
          series,
          more,
          ...(fullInMs < soonMs && { isAlarming: true }),
        },
      ];
    }),
  );
  return found.slice(0, 1);
}
