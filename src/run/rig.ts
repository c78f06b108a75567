// What a suite wants to be there before its load: proxies and processes, and the process of ours that makes faults in them
// (faults/fault-host.ts). run-profile.ts and capacity.ts raise it before the target is asked for, and take it down at the end.

import type { FaultHost } from '../faults/fault-host.ts';
import { messageOf, TargetError } from '../model/errors.ts';
import type { FaultTraffic } from '../model/fault.ts';
import type { GuardSettings } from '../model/guard.ts';
import type { Plan } from '../model/plan.ts';
import { authorityOf } from '../network/destination.ts';
import { faultActions, faultsAt, rigOf } from '../plan/faults.ts';
import type { LoadedSuite } from '../suite/suite.ts';

type OnExited = (process: string, reason: string) => void;

export interface Rig {
  /** Throws a `TargetError` when an address is taken, or a process does not get ready; nothing is left of it then. */
  raise(guard: GuardSettings | undefined): Promise<void>;
  /** The plan with the routes of its load through the proxies that stand before it, once they are raised. */
  routed(plan: Plan): Plan;
  /** Resolves with the machine's clock when the fault took effect, as `machineMs`. Rejects with why it could not begin. */
  begin(fault: string): Promise<number>;
  /** The same for the end of the fault, with what its proxy saw. */
  end(fault: string): Promise<{ readonly atMachineMs: number; readonly traffic?: FaultTraffic }>;
  /** Is told of processes that end by themselves, in place of whoever was told before. */
  onExited(listener: OnExited): void;
  /** Takes back every fault and ends what was started. A second call does nothing. */
  takeDown(): Promise<void>;
}

/** Nothing is started before it is raised, and nothing at all for a suite without proxies, processes and faults. */
export function createRig(suite: LoadedSuite, plan: Plan, say: (message: string) => void): Rig {
  const { definition, env } = suite;
  const { proxies = [], processes = [], faults = [] } = plan;
  const profile = definition.profiles[plan.profile];
  const actions = faultActions(faultsAt(profile?.faults, plan.baseUrl));
  const defined = rigOf(definition, profile).processes;
  /** By host and port of the base URL. */
  const routes: Record<string, string> = {};
  let host: FaultHost | undefined;
  let onExited: OnExited = (process, reason) => say(`the process ${process} ended by itself (${reason})`);

  async function startAll(running: FaultHost, guard: GuardSettings | undefined): Promise<void> {
    await running.request({ kind: 'guard', guard: guard ?? null });
    for (const proxy of proxies) {
      const { name, listen, to, isBeforeLoad } = proxy;
      const { port = listen.port } = await running
        .request({ kind: 'proxy', proxy })
        .catch((thrown: unknown) => {
          throw new TargetError(
            `the proxy ${name} cannot listen on ${listen.host}:${listen.port}: ${messageOf(thrown)}`,
            { hint: `end what listens there, or give it another address: proxies.${name}.listen` },
          );
        });
      const address = authorityOf(listen.host, port);
      if (isBeforeLoad) routes[authorityOf(to.host, to.port)] = address;
      say(`proxy ${name}: ${address} leads to ${authorityOf(to.host, to.port)}`);
    }
    for (const { name, readyWithinMs } of processes) {
      const { command, cwd = process.cwd(), env: own = {}, ready } = defined[name]!;
      say(`starting the process ${name}`);
      const start = { name, command, cwd, env: { ...definedOf(env), ...own }, ready, readyWithinMs };
      await running.request({ kind: 'process', process: start }).catch((thrown: unknown) => {
        throw new TargetError(`the process ${name} did not get ready: ${messageOf(thrown)}`, {
          hint: `see whether the command runs by itself: ${command.join(' ')}`,
        });
      });
    }
  }

  return {
    async raise(guard) {
      if (proxies.length + processes.length + faults.length === 0) return;
      // Loaded only here: most runs have none.
      const { startFaultHost } = await import('../faults/fault-host.ts');
      host = await startFaultHost((process, reason) => onExited(process, reason));
      try {
        await startAll(host, guard);
      } catch (thrown) {
        await host.release();
        throw thrown;
      }
    },
    routed(whole) {
      const hosts = { ...whole.http.hosts, ...routes };
      return Object.keys(routes).length === 0 ? whole : { ...whole, http: { ...whole.http, hosts } };
    },
    async begin(fault) {
      const done = await host!.request({ kind: 'begin', fault, action: actions.get(fault)! });
      return done.atMachineMs;
    },
    end: (fault) => host!.request({ kind: 'end', fault }),
    onExited(listener) {
      onExited = listener;
    },
    async takeDown() {
      onExited = () => {};
      await host?.release();
    },
  };
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
