import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { families } from '../../scripts/bench/families.ts';
import { FrameReader, FrameWalker, toClientFrame } from '../../scripts/bench/load/frames.ts';
import { toShares } from '../../scripts/bench/support/cpu.ts';
import { toJson, toTable } from '../../scripts/bench/support/report.ts';
import { type Measured, median, quantile, toResult } from '../../scripts/bench/support/result.ts';
import { toTextFrame } from '../../src/server/realtime/frame.ts';

const measured = (over: Partial<Measured>): Measured => ({
  name: 'a-figure',
  value: 3_000,
  unit: 'sends/s',
  reference: 100,
  reach: { of: 'ratio', atLeast: 25 },
  limitedBy: 'the cores',
  ...over,
});

describe('the bench', () => {
  it('tells by --help which figures there are', async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', 'bench', '--', '--help']);

    for (const name of families.flatMap((family) => family.names)) expect(stdout).toContain(name);
    expect(stdout).toContain('--quick');
  });

  it('gives every figure a name of its own', () => {
    const names = families.flatMap((family) => family.names);

    expect(new Set(names).size).toBe(names.length);
  });

  it('refuses a figure that nobody knows', async () => {
    const asked = promisify(execFile)('npm', ['run', 'bench', '--', '--only', 'nonsense']);

    await expect(asked).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('nonsense') });
  });
});

describe('a result', () => {
  it('is the value over its reference, judged by what it has to reach', () => {
    expect(toResult(measured({}))).toMatchObject({ ratio: 30, ok: true, reach: '≥ 25 times' });
    expect(toResult(measured({ value: 2_400 }))).toMatchObject({ ratio: 24, ok: false });
    expect(toResult(measured({ value: 200, reach: { of: 'ratio', atMost: 1.5 } }))).toMatchObject({ ok: false });
  });

  it('without a reference is judged by its value', () => {
    const reach = { of: 'value' as const, atMost: 12 };

    expect(toResult(measured({ reference: null, value: 11, reach }))).toMatchObject({ ratio: null, ok: true });
    expect(toResult(measured({ reference: null, value: 13, reach }))).toMatchObject({ ratio: null, ok: false });
  });

  it('whose reference did nothing is short', () => {
    expect(toResult(measured({ reference: 0 }))).toMatchObject({ ratio: null, ok: false });
  });

  it('is a line of the table and an entry of the JSON', () => {
    const result = toResult(measured({ value: 2_400 }));

    expect(toTable([result])).toMatch(/\| a-figure +\| 2,400 +\| sends\/s \| 100 +\| 24\.00 \| ≥ 25 times \| SHORT/);
    expect(JSON.parse(toJson([result]))).toEqual([
      {
        name: 'a-figure',
        value: 2_400,
        unit: 'sends/s',
        reference: 100,
        ratio: 24,
        reach: '≥ 25 times',
        ok: false,
      },
    ]);
  });
});

describe('the arithmetic', () => {
  it('finds the middle of rounds in any order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 100])).toBe(3);
    expect(() => median([])).toThrow('nothing');
  });

  it('finds the value that one in a hundred exceeds', () => {
    const values = Array.from({ length: 200 }, (_, i) => i + 1);

    expect(quantile(values, 0.99)).toBe(199);
    expect(quantile([7], 0.99)).toBe(7);
  });

  it('counts what strangers to the measurement used apart', () => {
    const usage = { wallMs: 1_000, serverMs: 500, postgresMs: 300, loadMs: 100, busyMs: 1_600 };

    const shares = toShares([usage, usage]);

    expect(shares).toMatchObject({ server: 0.5, postgres: 0.3, load: 0.1 });
    expect(shares.others).toBeCloseTo(0.7);
  });
});

describe('the load generator', () => {
  it('finds frames wherever the stream is cut', () => {
    const texts = ['a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(70_000), 'e'.repeat(300)];
    const stream = Buffer.concat(texts.map((text) => toTextFrame(text)));

    for (const step of [1, 3, 7, 1_000, stream.length]) {
      const lengths: number[] = [];
      const walker = new FrameWalker((bytes) => void lengths.push(bytes));
      for (let at = 0; at < stream.length; at += step) walker.push(stream.subarray(at, at + step));
      expect(lengths).toEqual(texts.map((text) => text.length));

      const read: string[] = [];
      const reader = new FrameReader((payload) => void read.push(payload.toString()));
      for (let at = 0; at < stream.length; at += step) reader.push(stream.subarray(at, at + step));
      expect(read).toEqual(texts);
    }
  });

  it('makes frames as a client has to: masked, and complete', () => {
    const frame = toClientFrame('x'.repeat(200));

    expect(frame[0]).toBe(0x81);
    expect(frame[1]).toBe(0x80 | 126);
    expect(frame.readUInt16BE(2)).toBe(200);
    expect(frame).toHaveLength(208);
  });
});
