import { expect, it } from 'vitest';
import { uuidV5 } from '../../src/server/db/uuid-v5.ts';

it('is the one that RFC 9562 gives for the name www.example.com in the namespace of DNS', () => {
  expect(uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
    '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  );
});

it('differs by name and by namespace, also where names are not ASCII', () => {
  const [one, other] = ['6ba7b810-9dad-11d1-80b4-00c04fd430c8', '6ba7b811-9dad-11d1-80b4-00c04fd430c8'];
  expect(new Set([uuidV5(one, 'ключ'), uuidV5(one, 'ключи'), uuidV5(other, 'ключ')]).size).toBe(3);
});
