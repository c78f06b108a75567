// Rules of faults, and of the proxies and processes that they are made with. Called by rules.ts.

import type { Mistake } from '../model/errors.ts';
import { nearestName } from '../text/nearest-name.ts';
import { parseDuration } from '../time/duration.ts';
import { parseExpectation, parsePlace } from './fault-expectation.ts';
import { mistakeAt, type Path, recordOf, unknownName } from './mistake.ts';
import { metricsOf } from './rules-thresholds.ts';

const aName = 'a name of letters, digits and _, such as "crm_down"';

/** All mistakes in the `faults` of a profile. */
export function findFaultMistakes(path: Path, profile: unknown, suite: unknown): Mistake[] {
  const { faults, executor } = recordOf(profile);
  if (faults === undefined) return [];
  if (executor === 'capacity-search') {
    const expected = 'no faults: a capacity search asks for what the system carries when all is well';
    return [mistakeAt(path, expected, faults)];
  }
  const ofEach = Object.entries(recordOf(faults)).flatMap(([name, fault]) => {
    const at = [...path, name];
    if (!/^[A-Za-z]\w*$/.test(name)) return [mistakeAt(at, aName, name)];
    return [
      ...findSubjectMistakes(at, fault, profile, suite),
      ...findLengthMistakes(at, fault),
      ...findExpectationMistakes([...at, 'expect'], fault, profile, suite),
    ];
  });
  return [...ofEach, ...findOverlaps(path, recordOf(faults))];
}

/** Faults of a process that begin while another one has it: a dead process can neither be killed nor paused. */
function findOverlaps(path: Path, faults: Readonly<Record<string, unknown>>): Mistake[] {
  const ofProcesses = Object.entries(faults).flatMap(([name, fault]) => {
    const { kind, process, at, for: length } = recordOf(fault);
    const fromMs = parseDuration(at);
    if (typeof process !== 'string' || fromMs === undefined) return [];
    const forMs = kind === 'restart' ? 0 : (parseDuration(length) ?? Number.POSITIVE_INFINITY);
    return [{ name, process, at, fromMs, untilMs: fromMs + forMs }];
  });
  const byTime = ofProcesses.sort((a, b) => a.fromMs - b.fromMs);
  return byTime.flatMap((one, i) => {
    const before = byTime
      .slice(0, i)
      .find(
        (other) =>
          other.process === one.process && (other.untilMs > one.fromMs || other.fromMs === one.fromMs),
      );
    if (before === undefined) return [];
    const expected = `a time at which no other fault has the process ${one.process}: ${before.name} has it then`;
    return [mistakeAt([...path, one.name, 'at'], expected, one.at)];
  });
}

/** All mistakes in `proxies` and `processes` of `holder`, which is a profile or the suite itself. */
export function findRigMistakes(path: Path, holder: unknown): Mistake[] {
  const { proxies, processes } = recordOf(holder);
  const names = (['proxies', 'processes'] as const).flatMap((key) =>
    Object.keys(recordOf(recordOf(holder)[key]))
      .filter((name) => !/^[A-Za-z]\w*$/.test(name))
      .map((name) => mistakeAt([...path, key, name], 'a name of letters, digits and _, such as "crm"', name)),
  );
  const seen = new Map<string, string>();
  const clashes = Object.entries(recordOf(proxies)).flatMap(([name, proxy]) => {
    const { listen, to } = recordOf(proxy);
    const at = [...path, 'proxies', name, 'listen'];
    if ((listen === undefined) !== (to === undefined)) {
      const expected = 'both `listen` and `to`, or neither: then it stands before the base URL';
      return [mistakeAt([...path, 'proxies', name], expected, proxy)];
    }
    const [own, other] = [parsePlace(listen), parsePlace(to)];
    if (own === undefined) return [];
    const key = `${own.host}:${own.port}`;
    const before = seen.get(key);
    seen.set(key, name);
    if (before !== undefined) {
      return [mistakeAt(at, `another address: the proxy ${before} listens there`, listen)];
    }
    const isLoop = other !== undefined && other.host === own.host && other.port === own.port;
    return isLoop ? [mistakeAt(at, 'another address than `to`', listen)] : [];
  });
  const empty = Object.entries(recordOf(processes)).flatMap(([name, one]) => {
    const { command } = recordOf(one);
    return Array.isArray(command) && command[0] === ''
      ? [mistakeAt([...path, 'processes', name, 'command'], 'the name of a program first', command)]
      : [];
  });
  return [...names, ...clashes, ...empty];
}

function findSubjectMistakes(at: Path, fault: unknown, profile: unknown, suite: unknown): Mistake[] {
  const { kind, proxy, process, redis, request, delay, jitter } = recordOf(fault);
  const mistakes: Mistake[] = [];
  const known = (key: string, name: unknown, all: 'proxies' | 'processes'): void => {
    const names = Object.keys({ ...recordOf(recordOf(suite)[all]), ...recordOf(recordOf(profile)[all]) });
    if (typeof name === 'string' && !names.includes(name))
      mistakes.push(unknownName([...at, key], `a name in ${all} of the suite or the profile`, name, names));
  };
  known('proxy', proxy, 'proxies');
  known('process', process, 'processes');
  if (kind === 'flush' && (redis === undefined) === (request === undefined)) {
    mistakes.push(mistakeAt(at, 'one of `redis` and `request`', fault));
  }
  const [delayMs, jitterMs] = [parseDuration(delay), parseDuration(jitter)];
  if (delayMs !== undefined && jitterMs !== undefined && jitterMs > delayMs) {
    mistakes.push(
      mistakeAt([...at, 'jitter'], 'at most the delay: nothing arrives before it is sent', jitter),
    );
  }
  return mistakes;
}

/** Times that do not fit together. */
function findLengthMistakes(at: Path, fault: unknown): Mistake[] {
  const { kind, for: length, expect } = recordOf(fault);
  const { recovery, failover, return: returns } = recordOf(expect);
  const mistakes: Mistake[] = [];
  if (kind === 'kill' && length === undefined) {
    for (const [key, value] of Object.entries({ recovery, return: returns })) {
      const expected = `no ${key}, since without \`for\` the process stays dead: write \`failover\`, or \`for\``;
      if (value !== undefined) mistakes.push(mistakeAt([...at, 'expect', key], expected, value));
    }
  }
  const [lengthMs, failoverMs] = [parseDuration(length), parseDuration(failover)];
  if (failoverMs !== undefined && (kind === 'flush' || kind === 'restart')) {
    const expected = 'recovery in its place: the fault itself is over at once';
    mistakes.push(mistakeAt([...at, 'expect', 'failover'], expected, failover));
  } else if (lengthMs !== undefined && failoverMs !== undefined && failoverMs + leastSeenMs > lengthMs) {
    const expected = 'at least 3s less than `for`: nobody sees otherwise that it works while the fault is on';
    mistakes.push(mistakeAt([...at, 'expect', 'failover'], expected, failover));
  }
  return mistakes;
}
/** Three intervals of a second are needed to see that all is as before. */
const leastSeenMs = 3000;

function findExpectationMistakes(at: Path, fault: unknown, profile: unknown, suite: unknown): Mistake[] {
  const { reach, return: returns, noStale } = recordOf(recordOf(fault).expect);
  const metrics = metricsOf(suite, profile);
  const mistakes = Object.entries({ reach, return: returns }).flatMap(([key, expressions]) =>
    (Array.isArray(expressions) ? expressions : []).flatMap((expression, i): Mistake[] => {
      if (typeof expression !== 'string') return [];
      const parsed = parseExpectation(expression, metrics);
      if (!('expected' in parsed)) return [];
      const nearest = parsed.expected.startsWith('a metric')
        ? nearestName(parsed.found, Object.keys(metrics))
        : undefined;
      return [mistakeAt([...at, key, i], parsed.expected, parsed.found, nearest)];
    }),
  );
  const { metric } = recordOf(noStale);
  const declared = recordOf(recordOf(suite).metrics);
  if (typeof metric === 'string' && recordOf(declared[metric]).type !== 'rate') {
    const rates = Object.keys(declared).filter((name) => recordOf(declared[name]).type === 'rate');
    mistakes.push(
      unknownName([...at, 'noStale', 'metric'], 'a rate in the metrics of the suite', metric, rates),
    );
  }
  return mistakes;
}
