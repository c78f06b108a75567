// Whether a target that uses little CPU waits for it: on a machine that is full, and longer than processes on it are seen to
// wait. Used by rules-machine.ts, rules-application.ts and rank.ts.

import type { Measurements } from '../../model/run-record.ts';
import { means } from './figures.ts';
import type { Scene } from './scene.ts';

/** Of one core; and of a machine. */
const littleCpu = 0.25;
const fullMachine = 0.9;
/** An operation may have to get the CPU several times: it waits so many times as long as one turn does, at the most. */
const turnsOfAnOperation = 10;

function usesLittle(scene: Scene): boolean {
  const own = means(scene, ['target'], 'cpu_ratio');
  return own.length > 0 && own.every(({ value }) => value < littleCpu);
}

/** The process uses little CPU and its machine has none left: whatever is late in it waits for others. */
export function isStarved(scene: Scene): boolean {
  const machine = means(scene, ['machine'], 'cpu_ratio');
  return usesLittle(scene) && machine.some(({ value }) => value > fullMachine);
}

/** How long the load generator, a process like others, waited for its turn: p(99) of its event-loop delay, ms. */
export function turnMs({ generator }: Measurements): number {
  return generator.eventLoopDelayMs['p(99)'];
}

/**
 * Waiting for the CPU is too short to explain the response times: the target uses little CPU, and the load generator on the same
 * machine got its own soon enough.
 */
export function hasShortWaits(scene: Scene): boolean {
  const { measured, load, isLocal } = scene;
  const ms = turnMs(measured);
  return isLocal && ms > 0 && usesLittle(scene) && load.meanMs > turnsOfAnOperation * ms;
}
