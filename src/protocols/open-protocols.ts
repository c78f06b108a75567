// The protocols of one worker: opens those that its plan can use, in the order of the registry, and gives each virtual
// user its part of them. The worker, virtual users and hooks call it; none of them names a protocol.

import type { HttpError } from '../model/context.ts';
import type { ProtocolFacts } from './facts.ts';
import type { OpenOptions, OpenProtocol, Protocol, ProtocolUser, UserClient } from './protocol.ts';
import { protocols } from './registry.ts';

export interface OpenProtocols {
  /** The clients of one more virtual user, in the order of the registry. */
  connect(user: ProtocolUser): readonly UserClient[];
  /** Puts a user's clients into its context; what the suite has no settings for says so when it is called. */
  addTo(context: object, clients: readonly UserClient[]): void;
  /** What setup and teardown have: the clients that need no virtual user. */
  ofHooks(clients: readonly UserClient[]): object;
  /** Resolves when every connection is closed; their users have ended before. */
  close(): Promise<void>;
}

/** Ends a user's clients, the last made first. */
export function closeClients(clients: readonly UserClient[], cause?: HttpError): void {
  for (let i = clients.length - 1; i >= 0; i--) clients[i]!.close(cause);
}

export async function openProtocols(options: OpenOptions): Promise<OpenProtocols> {
  const open = new Map<string, OpenProtocol>();
  const absent = new Map<string, object>();
  for (const facts of protocols) {
    if (!isUsed(facts, options)) {
      absent.set(facts.name, refusing(facts.settings!.absent));
      continue;
    }
    const { protocol } = (await facts.load()) as { readonly protocol: Protocol };
    open.set(facts.name, await protocol.open(options, open));
  }
  const inHooks = new Set(protocols.filter((facts) => facts.inHooks).map(({ name }) => name));
  return new WorkerProtocols(open, absent, inHooks);
}

function isUsed({ name, settings }: ProtocolFacts, { plan }: OpenOptions): boolean {
  return settings === undefined || Object.hasOwn(plan, name);
}

class WorkerProtocols implements OpenProtocols {
  readonly #names: readonly string[];
  readonly #open: readonly OpenProtocol[];
  readonly #absent: ReadonlyMap<string, object>;
  readonly #inHooks: ReadonlySet<string>;

  constructor(
    open: ReadonlyMap<string, OpenProtocol>,
    absent: ReadonlyMap<string, object>,
    inHooks: ReadonlySet<string>,
  ) {
    this.#names = [...open.keys()];
    this.#open = [...open.values()];
    this.#absent = absent;
    this.#inHooks = inHooks;
  }

  connect(user: ProtocolUser): readonly UserClient[] {
    const clients: UserClient[] = [];
    for (const protocol of this.#open) clients.push(protocol.connect(user, clients));
    return clients;
  }

  addTo(context: Record<string, unknown>, clients: readonly UserClient[]): void {
    for (let i = 0; i < clients.length; i++) context[this.#names[i]!] = clients[i]!.client;
    for (const [name, client] of this.#absent) context[name] = client;
  }

  ofHooks(clients: readonly UserClient[]): object {
    const all: Record<string, unknown> = {};
    this.addTo(all, clients);
    return Object.fromEntries(Object.entries(all).filter(([name]) => this.#inHooks.has(name)));
  }

  async close(): Promise<void> {
    for (const protocol of this.#open.toReversed()) await protocol.close();
  }
}

/** What stands in the context where a suite has no settings for a protocol. */
function refusing(message: string): object {
  return new Proxy(
    {},
    {
      get(_target, name): unknown {
        // Somebody asks whether it is a promise, or prints it.
        if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return undefined;
        return () => {
          throw new TypeError(message);
        };
      },
    },
  );
}
