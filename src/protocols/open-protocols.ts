// The protocols of one worker: opens those that its plan can use, in the order of the registry, and gives each virtual
// user its part of them. The worker, virtual users and hooks call it; none of them names a protocol.

import type { ProtocolFacts } from './facts.ts';
import type { OpenOptions, OpenProtocol, Protocol, ProtocolUser } from './protocol.ts';
import { protocols } from './registry.ts';
import { type FirstUse, firstUseOf, UserClients } from './user-clients.ts';

export interface OpenProtocols {
  /** The clients of one more virtual user. */
  connect(user: ProtocolUser): UserClients;
  /** Puts a user's clients into its context; what the suite has no settings for says so when it is called. */
  addTo(context: object, clients: UserClients): void;
  /** What setup and teardown have: the clients that need no virtual user. */
  ofHooks(clients: UserClients): object;
  /** Resolves when every connection is closed; their users have ended before. */
  close(): Promise<void>;
}

/** Loads the clients that every suite may use, while there is nothing else to do: a worker has booted before its plan comes. */
export function preloadProtocols(): void {
  // A failure is told when the protocol is opened.
  for (const { settings, load } of protocols) if (settings === undefined) load().catch(() => {});
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
  /** By the same index; absent for clients that are made with the user. */
  readonly #firstUses: readonly (FirstUse | undefined)[];
  readonly #absent: ReadonlyMap<string, object>;
  readonly #inHooks: ReadonlySet<string>;

  constructor(
    open: ReadonlyMap<string, OpenProtocol>,
    absent: ReadonlyMap<string, object>,
    inHooks: ReadonlySet<string>,
  ) {
    this.#names = [...open.keys()];
    this.#open = [...open.values()];
    this.#firstUses = this.#open.map(({ atFirstUse }, i) => (atFirstUse ? firstUseOf(i) : undefined));
    this.#absent = absent;
    this.#inHooks = inHooks;
  }

  connect(user: ProtocolUser): UserClients {
    return new UserClients(this.#open, user);
  }

  addTo(context: Record<string, unknown>, clients: UserClients): void {
    for (let i = 0; i < this.#names.length; i++) {
      const firstUse = this.#firstUses[i];
      // A bound function is the smallest that user code can take out of the client.
      context[this.#names[i]!] =
        firstUse === undefined ? clients.use(i).client : { connect: firstUse.bind(clients) };
    }
    for (const [name, client] of this.#absent) context[name] = client;
  }

  ofHooks(clients: UserClients): object {
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
