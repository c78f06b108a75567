import { describe, expect, it } from 'vitest';
import { CircuitOpenError, createCircuitBreaker } from './circuit-breaker.ts';

function circuitAt(clock: { nowMs: number }) {
  return createCircuitBreaker({ upstream: 'the CRM', failureCount: 3, openMs: 1000 }, () => clock.nowMs);
}
const down = () => Promise.reject(new Error('down'));
const up = async () => 'up';

describe('createCircuitBreaker', () => {
  it('opens after so many failures in a row, and not after as many with a success between', async () => {
    const circuit = circuitAt({ nowMs: 0 });
    for (const call of [down, down, up, down, down]) await circuit.run<unknown>(call).catch(() => {});
    expect(circuit.state()).toBe('closed');
    await expect(circuit.run(down)).rejects.toThrow('down');
    expect(circuit.state()).toBe('open');
    await expect(circuit.run(up)).rejects.toThrow(CircuitOpenError);
    expect(circuit.counts()).toEqual({ opened: 1, refused: 1 });
  });

  it('says how long to wait, then lets one call through, whose success closes it', async () => {
    const clock = { nowMs: 0 };
    const circuit = circuitAt(clock);
    for (let i = 0; i < 3; i++) await circuit.run(down).catch(() => {});
    clock.nowMs = 400;
    await expect(circuit.run(up)).rejects.toMatchObject({ retryAfterMs: 600 });
    clock.nowMs = 1000;
    expect(circuit.state()).toBe('half-open');
    let finish: (value: string) => void = () => {};
    const trial = circuit.run(() => new Promise<string>((resolve) => (finish = resolve)));
    await expect(circuit.run(up)).rejects.toThrow(CircuitOpenError);
    finish('up');
    expect(await trial).toBe('up');
    expect(circuit.state()).toBe('closed');
    expect(await circuit.run(up)).toBe('up');
  });

  it('opens again when the trial fails, and only the trial counts', async () => {
    const clock = { nowMs: 0 };
    const circuit = circuitAt(clock);
    let failLate: (error: Error) => void = () => {};
    const late = circuit.run(() => new Promise((_resolve, reject) => (failLate = reject)));
    for (let i = 0; i < 3; i++) await circuit.run(down).catch(() => {});
    clock.nowMs = 900;
    failLate(new Error('late'));
    await expect(late).rejects.toThrow('late');
    clock.nowMs = 1000;
    await expect(circuit.run(down)).rejects.toThrow('down');
    expect(circuit.state()).toBe('open');
    expect(circuit.counts().opened).toBe(2);
    clock.nowMs = 1999;
    await expect(circuit.run(up)).rejects.toThrow(CircuitOpenError);
    clock.nowMs = 2000;
    expect(await circuit.run(up)).toBe('up');
  });
});
