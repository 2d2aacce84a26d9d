import { describe, expect, test } from 'vitest';
import { parse } from '../../src/web/chat/text/parse.ts';
import { cutAtMentions, hasMarkup, isFewEmoji, type Block, type Inline } from '../../src/web/chat/text/tree.ts';
import { measureWork } from '../support/work.ts';

const flat = (inlines: readonly Inline[]): string =>
  inlines
    .map((one) => {
      if (typeof one === 'string') return one;
      if (one.kind === 'break') return '\n';
      return 'children' in one ? flat(one.children) : one.text;
    })
    .join('');

const words = (blocks: readonly Block[]): string =>
  blocks
    .map((block) => {
      if (block.kind === 'code') return block.text;
      if (block.kind === 'quote') return words(block.children);
      return block.kind === 'list' ? block.items.map(words).join('\n') : flat(block.children);
    })
    .join('\n');

const kindsOf = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(kindsOf);
  if (typeof value !== 'object' || value === null) return [];
  const { kind } = value as { kind?: string };
  return [...(kind === undefined ? [] : [kind]), ...Object.values(value).flatMap(kindsOf)];
};

/** How deep a tree is. */
const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

const only = (text: string): Inline[] => {
  const blocks = parse(text);
  expect(blocks).toHaveLength(1);
  expect(blocks[0]!.kind).toBe('paragraph');
  return (blocks[0] as { children: Inline[] }).children;
};

describe('what markdown means', () => {
  test('marks, nested', () => {
    expect(only('a **b *c* ~~d~~** `**e**`')).toEqual([
      'a ',
      {
        kind: 'strong',
        children: ['b ', { kind: 'emphasis', children: ['c'] }, ' ', { kind: 'strike', children: ['d'] }],
      },
      ' ',
      { kind: 'code', text: '**e**' },
    ]);
  });

  test('lines stay lines', () => {
    expect(only('one\ntwo')).toEqual(['one', { kind: 'break' }, 'two']);
    expect(parse('one\n\ntwo')).toHaveLength(2);
  });

  test('blocks', () => {
    expect(parse('> said\n\n- a\n- b\n\n3. c\n\n```js\nlet a = 1;\n```')).toEqual([
      { kind: 'quote', children: [{ kind: 'paragraph', children: ['said'] }] },
      {
        kind: 'list',
        start: undefined,
        items: [[{ kind: 'paragraph', children: ['a'] }], [{ kind: 'paragraph', children: ['b'] }]],
      },
      { kind: 'list', start: 3, items: [[{ kind: 'paragraph', children: ['c'] }]] },
      { kind: 'code', text: 'let a = 1;' },
    ]);
    expect(parse('# Title')).toEqual([{ kind: 'heading', children: ['Title'] }]);
  });

  test.each(['a\n---', '| a | b |\n|---|---|\n| 1 | 2 |', '&lt;b&gt;', '<b>bold</b>', '<img src=x onerror=alert(1)>'])(
    'is text as it stands: %j',
    (text) => {
      expect(words(parse(text))).toBe(text);
      expect(kindsOf(parse(text)).filter((kind) => kind !== 'paragraph' && kind !== 'break')).toEqual([]);
    },
  );

  test('links', () => {
    const link = (href: string, label: string): Inline => ({ kind: 'link', href, children: [label] });
    expect(only('see https://example.com/a_b_c?d=*e*f.')).toEqual([
      'see ',
      link('https://example.com/a_b_c?d=*e*f', 'https://example.com/a_b_c?d=*e*f'),
      '.',
    ]);
    expect(only('www.example.com')).toEqual([link('http://www.example.com', 'www.example.com')]);
    expect(only('me@example.com')).toEqual([link('mailto:me@example.com', 'me@example.com')]);
    expect(only('[here](https://example.com)')).toEqual([link('https://example.com', 'here')]);
    expect(only('![cat](https://example.com/cat.png)')).toEqual([link('https://example.com/cat.png', 'cat')]);
  });

  test.each([
    '[a](javascript:alert(1))',
    '[a](JaVaScRiPt:alert(1))',
    '[a](java\tscript:alert(1))',
    '[a](data:text/html,x)',
    '![a](data:image/png;base64,AAAA)',
    '[a](vbscript:x)',
    '<javascript:alert(1)>',
    '[a](/settings)',
    '[a](//evil.test)',
    '[a](file:///etc/passwd)',
    '[a](&#106;avascript:alert(1))',
    'ftp://example.com',
    '[a]: javascript:alert(1)\n[a]',
  ])('leads nowhere: %j', (text) => {
    const links = JSON.stringify(parse(text)).matchAll(/"href":"([^"]*)"/g);
    for (const [, href] of links) expect(href).toMatch(/^(https?:\/\/|mailto:)/);
    expect(JSON.stringify(parse(text))).not.toMatch(/"href":"(?!http)/);
  });
});

describe('mentions', () => {
  const ann = (offset: number, length: number) => ({ user_id: 'ann', offset, length });

  test('are counted in code points', () => {
    expect(cutAtMentions('👩‍🚀😀 @Ann!', [ann(5, 4)])).toEqual([
      '👩‍🚀😀 ',
      { kind: 'mention', userId: 'ann', text: '@Ann' },
      '!',
    ]);
  });

  test('stand within marks, and their own marks are words', () => {
    expect(parse('😀 **hi @A_n_n**', [ann(7, 6)])).toEqual([
      {
        kind: 'paragraph',
        children: ['😀 ', { kind: 'strong', children: ['hi ', { kind: 'mention', userId: 'ann', text: '@A_n_n' }] }],
      },
    ]);
  });

  test('are plain words in code and in addresses', () => {
    expect(words(parse('`@Ann` and ```\n@Ann\n```', [ann(1, 4)]))).toContain('@Ann');
    expect(kindsOf(parse('`@Ann`', [ann(1, 4)]))).toEqual(['paragraph', 'code']);
    expect(parse('[x](https://example.com/@Ann)', [ann(24, 4)])).toEqual([
      { kind: 'paragraph', children: [{ kind: 'link', href: 'https://example.com/%40Ann', children: ['x'] }] },
    ]);
  });

  test('that do not fit are left out', () => {
    expect(cutAtMentions('@Ann', [ann(2, 9)])).toEqual(['@Ann']);
    expect(cutAtMentions('@Ann', [ann(0, 4), ann(2, 2)])).toEqual([{ kind: 'mention', userId: 'ann', text: '@Ann' }]);
  });

  test('a text that has the letters they are written with keeps them', () => {
    expect(words(parse('\uee00 *@Ann*', [ann(3, 4)]))).toBe('\uee00 @Ann');
  });
});

test.each(['>'.repeat(40) + ' deep', '- '.repeat(40) + 'deep', '**_'.repeat(40) + 'deep' + '_**'.repeat(40)])(
  'nothing is lost in the depth: %j',
  (text) => {
    expect(words(parse(text))).toContain('deep');
    expect(depthOf(parse(text))).toBeLessThan(120);
  },
);

test('plain texts need no reader, others do', () => {
  for (const text of ['Hello, Bob! How are you?', 'Привет.\nКак дела? 5 - 3 = 2', 'e.g. this', '#tag', '18.30 & 1,5'])
    expect([text, hasMarkup(text)]).toEqual([text, false]);
  for (const text of ['*a*', 'a_b', '`', '> a', '- a', '1. a', '# a', 'example.com', 'https://a', 'a@b.c', '[a](b)'])
    expect([text, hasMarkup(text)]).toEqual([text, true]);
});

test('one to three emoji are few', () => {
  for (const text of ['😀', '❤️', '👩‍🚀👍🏽', '🇷🇺 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣']) expect([text, isFewEmoji(text)]).toEqual([text, true]);
  for (const text of ['', '1', 'a😀', '😀😀😀😀', '12', '#']) expect([text, isFewEmoji(text)]).toEqual([text, false]);
});

test.each([
  ['*', 8_000],
  ['_', 8_000],
  ['[', 8_000],
  ['![', 4_000],
  ['[](', 2_600],
  ['>', 8_000],
  ['> ', 4_000],
  ['`', 8_000],
  ['`a``', 2_000],
  ['~', 8_000],
  ['*a **a ', 1_100],
  ['a**b', 2_000],
  ['- ', 4_000],
  ['1. ', 2_600],
  ['<', 8_000],
  ['\\', 8_000],
  ['https://', 1_000],
  ['a@', 4_000],
  ['www.', 2_000],
  ['(https://a', 800],
  ['\n', 8_000],
])('%j many times is read, and not deeper than can be shown', async (piece, times) => {
  const workMs = await measureWork(() => expect(depthOf(parse(piece.repeat(times)))).toBeLessThan(120));
  expect(workMs).toBeLessThan(2_000);
});
