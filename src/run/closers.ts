// What a session has opened, to be closed in reverse order. session.ts owns one stack of them.

type Close = () => void | Promise<void>;

export interface Closers {
  /** Closes after everything that is added later. */
  add(close: Close): void;
  /**
   * Closes what was added last first, each thing once, and goes on when one of them fails. Then it throws what the first
   * failure threw. A second call closes what was added since.
   */
  closeAll(): Promise<void>;
}

export function createClosers(): Closers {
  const stack: Close[] = [];
  return {
    add(close) {
      stack.push(close);
    },
    async closeAll() {
      const failures: unknown[] = [];
      for (let close = stack.pop(); close !== undefined; close = stack.pop()) {
        try {
          await close();
        } catch (thrown) {
          failures.push(thrown);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
