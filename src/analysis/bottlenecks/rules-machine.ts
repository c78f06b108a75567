// Rules about CPU, memory, disks and what else a machine does. Used by rules.ts.

import { levelOf, means, ownFigures, rateIn, totals, watching } from './figures.ts';
import { endlessGrowth, memoryRise } from './memory-measures.ts';
import { type Measured, type Rule, rule } from './rule.ts';
import { type Scene, seriesOf } from './scene.ts';
import { isStarved } from './waits-for-cpu.ts';

/** Collecting garbage and helper threads use a little beside the one core that a program with one thread can. */
const mostOfOneCore = 1.25;
function coresOf({ measured }: Scene): number {
  return Math.max(1, measured.environment.cpuCount);
}

/** A process that uses one core and no more, as programs with one thread do; one that uses more is not at this limit. */
function oneCore(scene: Scene): Measured[] {
  return watching(scene, 'target').flatMap(({ name }): Measured[] => {
    const series = seriesOf(scene, name, 'cpu_ratio');
    const level = levelOf(series, scene.condition.hot);
    const processes = levelOf(seriesOf(scene, name, 'processes'), scene.condition.hot)?.most ?? 1;
    if (series === undefined || level === undefined || level.upper > mostOfOneCore || processes > 1.5)
      return [];
    return [
      {
        name: `mean of ${series.name}`,
        title: series.title,
        value: level.mean,
        unit: 'ratio',
        readings: level.readings,
        series,
        isSure: true,
      },
    ];
  });
}

function allCores(scene: Scene): Measured[] {
  const cores = coresOf(scene);
  return means(scene, ['target'], 'cpu_ratio').map((one) => ({
    ...one,
    name: `${one.name}, of ${cores} cores`,
    value: one.value / cores,
    isSure: true,
  }));
}

/** How far the load generator has part in the CPU of the target's machine is told with it. */
function machineCpu(scene: Scene): Measured[] {
  const own = means(scene, ['generator'], 'cpu_ratio').map(({ name, value }) => ({
    name,
    value,
    unit: 'ratio',
  }));
  const load = means(scene, ['machine'], 'load1').map(({ name, value }) => ({ name, value, unit: 'count' }));
  const pressure = means(scene, ['machine'], 'cpu_pressure_ratio').map(({ name, value }) => ({
    name,
    value,
    unit: 'ratio',
  }));
  return means(scene, ['machine'], 'cpu_ratio').map((one) => ({
    ...one,
    more: [...load, ...pressure, ...(scene.isLocal ? own : [])],
  }));
}

function sure(all: readonly Measured[]): Measured[] {
  return all.map((one) => ({ ...one, isSure: true }));
}

/** Of the target's own making, that is. */
function loopDelay(scene: Scene): Measured[] {
  if (isStarved(scene)) return [];
  return ownFigures(scene, /event.?loop|loop.?(lag|delay)/).flatMap(
    ({ series, definition, toMs }): Measured[] => {
      const level = levelOf(series, scene.condition.hot);
      if (toMs === undefined || definition.type !== 'gauge' || level === undefined) return [];
      return [
        {
          name: `mean of ${series.name}`,
          title: series.title,
          value: level.mean * toMs,
          unit: 'ms',
          readings: level.readings,
          series,
          isSure: true,
        },
      ];
    },
  );
}

/** Seconds per second that a counter of collections gains, or a share that the target reports. */
function collecting(scene: Scene): Measured[] {
  return ownFigures(scene, /(^|[_ .])gc([_ .]|$)|garbage/).flatMap(
    ({ series, definition, toMs }): Measured[] => {
      const mean = rateIn(series, scene.condition.hot);
      if (mean === undefined) return [];
      const isShare = definition.unit === 'ratio';
      if (!isShare && (definition.type !== 'counter' || toMs === undefined)) return [];
      const value = isShare ? mean : (mean * toMs!) / 1000;
      return [
        { name: `share of ${series.name}`, title: series.title, value, unit: 'ratio', series, isSure: true },
      ];
    },
  );
}

function killed(scene: Scene): Measured[] {
  return sure(totals(scene, ['machine'], 'oom_kills'));
}

/**
 * CPU of a machine that no process which is watched uses. Nothing where a part of the target runs on that machine
 * unwatched, since then that part is not "other".
 */
function othersCpu(scene: Scene): Measured[] {
  const cores = coresOf(scene);
  const isHidden = watching(scene, 'postgres', 'redis').length > watching(scene, 'server').length;
  const isTargetSeen = watching(scene, 'target', 'server').length > 0;
  if (scene.isLocal && (isHidden || !isTargetSeen)) return [];
  const machine = watching(scene, 'machine', 'generator-machine').filter(
    ({ plan }) => plan?.source.kind !== 'host' || plan.source.nodeExporter === undefined,
  );
  const used = means(scene, ['generator', 'target', 'server'], 'cpu_ratio').reduce(
    (sum, { value }) => sum + value,
    0,
  );
  return machine.flatMap(({ name, monitor }): Measured[] => {
    const series = seriesOf(scene, name, 'cpu_ratio');
    const level = levelOf(series, scene.condition.hot);
    if (series === undefined || level === undefined) return [];
    const value = Math.max(0, level.mean - used / cores);
    return [
      {
        name: 'CPU of the machine beside what is watched',
        title: `${monitor.title} other CPU`,
        value,
        unit: 'ratio',
        readings: level.readings,
        series,
      },
    ];
  });
}

export const machineRules: readonly Rule[] = [
  rule({
    id: 'cpu',
    title: 'the CPU of the target',
    explains: ['latency', 'errors', 'throughput'],
    reach: 'system',
    signs: {
      core: { kind: 'utilisation', measure: oneCore },
      cores: { kind: 'utilisation', measure: allCores },
      container: {
        kind: 'utilisation',
        measure: (scene) => sure(means(scene, ['target'], 'cgroup_cpu_ratio')),
      },
      throttled: {
        kind: 'saturation',
        measure: (scene) => sure(means(scene, ['target'], 'cgroup_throttled_ratio')),
      },
      machine: { kind: 'utilisation', title: 'the CPU of the target’s machine', measure: machineCpu },
      loop: { kind: 'saturation', measure: loopDelay },
    },
    alwaysFollows: ['generator', 'collection', 'churn'],
    follows: ['missing-index', 'n-plus-one', 'statements', 'database', 'cache', 'other-work', 'disk'],
    meaning: 'The target has no CPU left for more, so that operations wait for their turn.',
    advice:
      'Profile the target under this load, and make the operations that use most CPU cheaper or move them off the path of requests; then add instances or cores (a program with one thread uses one core, however many there are), and queue or refuse what exceeds them.',
    covers: ['BOTTLE-3', 'BOTTLE-6', 'BOTTLE-14'],
  }),
  rule({
    id: 'collection',
    title: 'garbage collection',
    explains: ['latency', 'throughput'],
    reach: 'system',
    signs: { share: { kind: 'saturation', measure: collecting } },
    alwaysFollows: ['leak'],
    meaning: 'The target spends much of its time collecting garbage, in which it answers nothing.',
    advice:
      'Allocate less on the path of requests, look for what stays in memory, and give the process a larger heap.',
    covers: ['BOTTLE-2', 'BOTTLE-3'],
  }),
  rule({
    id: 'memory',
    title: 'memory',
    explains: ['latency', 'errors', 'throughput'],
    reach: 'system',
    signs: {
      machine: { kind: 'utilisation', measure: (scene) => means(scene, ['machine'], 'memory_used_ratio') },
      container: {
        kind: 'utilisation',
        measure: (scene) => sure(means(scene, ['target'], 'cgroup_memory_ratio')),
      },
      pressure: {
        kind: 'saturation',
        measure: (scene) => sure(means(scene, ['machine'], 'memory_pressure_ratio')),
      },
      killed: { kind: 'errors', measure: killed },
      restarts: { kind: 'errors', measure: (scene) => totals(scene, ['target', 'application'], 'restarts') },
    },
    follows: ['leak'],
    meaning: 'Memory runs out, or processes ended and were started again as they do when it does.',
    advice:
      'Give the target more memory or a limit that fits it, look for what keeps growing, store less in memory, and watch memory with an alert; look into the system’s log for processes that were killed.',
    covers: ['BOTTLE-2', 'BOTTLE-7'],
  }),
  rule({
    id: 'leak',
    title: 'memory or connections that are never given back',
    explains: ['latency', 'errors', 'throughput'],
    reach: 'system',
    signs: {
      growth: { kind: 'waste', measure: endlessGrowth },
      rise: { kind: 'waste', measure: memoryRise },
    },
    meaning: 'Something grows with every operation and is not given back.',
    advice:
      'Compare heap snapshots from the beginning and the end of such a run; look for caches without bounds, listeners and timers that stay, references in circles, and connections and files that are not closed when an error is thrown (`finally`).',
    covers: ['BOTTLE-2', 'BOTTLE-7'],
  }),
  rule({
    id: 'disk',
    title: 'disks',
    explains: ['latency', 'throughput'],
    reach: 'part',
    signs: {
      busy: { kind: 'utilisation', measure: (scene) => sure(means(scene, ['machine'], 'disk_busy_ratio')) },
      iowait: { kind: 'saturation', measure: (scene) => means(scene, ['machine'], 'cpu_iowait_ratio') },
      pressure: { kind: 'saturation', measure: (scene) => means(scene, ['machine'], 'io_pressure_ratio') },
    },
    meaning: 'The target waits for disks.',
    advice:
      'See who reads and writes: statements that spill to temporary files, logs, checkpoints, swapping. Give the database more memory, write in batches and beside the path of requests, and use faster disks.',
    covers: ['BOTTLE-1', 'BOTTLE-18'],
  }),
  rule({
    id: 'other-work',
    title: 'other work on the machine',
    explains: ['latency', 'throughput'],
    reach: 'system',
    signs: {
      cpu: { kind: 'utilisation', measure: othersCpu },
      stolen: {
        kind: 'saturation',
        measure: (scene) => means(scene, ['machine', 'generator-machine'], 'cpu_steal_ratio'),
      },
    },
    meaning:
      'Something that does not belong to the test takes CPU of the machine, so that results differ from run to run.',
    advice:
      'Run the target and the load generator on machines of their own, at the same time of day, several times, and compare the medians.',
    covers: ['BOTTLE-20'],
  }),
];
