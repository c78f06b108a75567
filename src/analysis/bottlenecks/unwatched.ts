// What to watch where a run went badly and nothing that was watched shows why. Called by bottlenecks.ts.

import type { Finding } from '../../model/verdict.ts';
import { watching } from './figures.ts';
import { fixesOfSymptom } from './remedies.ts';
import type { Scene } from './scene.ts';

/** Readings within the time that went badly, of a monitor that can say something of it. */
const fewestReadings = 2;

/** Rules that say what went wrong, and not what is short. */
const general: readonly string[] = ['overload', 'failures'];

/**
 * One finding, for a run that went badly, in which no rule found what explains it; none when
 * everything that could be watched was, and the generator was sound.
 */
export function findUnwatched(scene: Scene, found: readonly Finding[]): Finding[] {
  const { condition, measured } = scene;
  if (condition.cap === 'info' || measured.generator.saturated) return [];
  if (found.some(({ rule = '', severity }) => severity !== 'info' && !general.includes(rule))) return [];
  const missing = missingParts(scene);
  const seldom = seldomRead(scene);
  const advice = [
    ...(missing.length === 0 ? [] : [`Watch ${missing.join('; ')}.`]),
    ...(seldom.length === 0
      ? []
      : [
          `Read ${seldom.join(', ')} more often (interval: "1s"): there were fewer than two readings while it went badly.`,
        ]),
    ...(missing.length + seldom.length === 0
      ? [
          'Compare runs that leave out one task, or change one thing, to see what restores response times; profile the target under this load.',
        ]
      : []),
    ...(fixesOfSymptom(condition).length === 0
      ? []
      : [`What usually helps: ${fixesOfSymptom(condition).join(' ')}`]),
  ].join(' ');
  const [first] = condition.symptoms;
  return [
    {
      kind: 'bottleneck',
      severity: 'info',
      title:
        missing.length + seldom.length > 0
          ? 'Too little was watched to say what the bottleneck is'
          : 'Nothing that was watched shows what the bottleneck is',
      detail:
        `${first?.text ?? ''} No figure that was watched shows a resource that was full, waited for or refused.`.trim(),
      evidence: first?.evidence ?? [],
      advice,
    },
  ];
}

/** In the order in which they help. */
function missingParts(scene: Scene): string[] {
  const has = (...parts: Parameters<typeof watching>[1][]): boolean => watching(scene, ...parts).length > 0;
  return [
    ...(has('target') || has('machine')
      ? []
      : ['the target’s process or machine (kind: process, or host with nodeExporter)']),
    ...(has('postgres') ? [] : ['its database (kind: postgres)']),
    ...(has('redis') ? [] : ['its Redis, if it has one (kind: redis)']),
    ...(has('application')
      ? []
      : [
          'what it says of itself, such as waits for its pool, hits of its cache and times of calls to other systems (kind: prometheus or otlp)',
        ]),
  ];
}

function seldomRead({ watched, condition }: Scene): string[] {
  return watched
    .filter(({ part }) => part !== 'generator' && part !== 'generator-machine')
    .filter(({ monitor }) => {
      const within = monitor.times.filter((atMs) =>
        condition.hot.some(({ fromMs, untilMs }) => atMs > fromMs && atMs <= untilMs + 1),
      );
      return within.length < fewestReadings;
    })
    .map(({ name }) => name)
    .slice(0, 5);
}
