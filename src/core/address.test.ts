import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Block, hostAndPort, inBlocks, parseBlock, plainAddress } from './address.ts';

const blocks = (...texts: readonly string[]): Block[] => texts.map((text) => parseBlock(text) as Block);

describe('a block of addresses', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['127.0.0.1', '127.0.0.1', true],
    ['127.0.0.1', '127.0.0.2', false],
    ['0.0.0.0/0', '203.0.113.7', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '203.0.113.7', false],
    ['::1/128', '::1', true],
    ['::1/128', '0:0:0:0:0:0:0:1', true],
    ['fc00::/7', 'fd12:3456::1', true],
    ['fc00::/7', 'fe80::1', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '::ffff:a01:203', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '11.1.2.3', false],
    ['64:ff9b::192.0.2.0/120', '64:ff9b::c000:2ff', true],
  ])('HD-4: %s and %s: %s', (block, address, expected) => {
    expect(inBlocks(address, blocks(block))).toBe(expected);
  });

  it.each([
    '',
    '10.0.0.0/33',
    '::/129',
    '10.0.0/8',
    '10.0.0.256',
    '010.0.0.1',
    '10.0.0.1/',
    '10.0.0.1/-1',
    '10.0.0.1/1e1',
    '1::2::3',
    ':::',
    '1:2:3',
    '12345::',
    '::ffff:10.0.0.0/90',
    'localhost',
    ':1.2.3.4',
    '1.2.3.4:80',
    '::g',
    `${'0'.repeat(60)}::1`,
  ])('%j is none', (text) => {
    expect(parseBlock(text)).toBeUndefined();
  });

  it('what is no address lies in none', () => {
    for (const text of ['', 'localhost', '10.0.0', '::ffff:', '1.2.3.4.5', 'undefined'])
      expect(inBlocks(text, blocks('0.0.0.0/0', '::/0'))).toBe(false);
  });

  const v4 = fc.ipV4();
  const v6 = fc.ipV6();

  it('takes exactly what Node takes for an address', () => {
    const almost = fc.oneof(v4, v6, fc.string({ unit: fc.constantFrom(...'0123456789abcf:.%'), maxLength: 20 }));
    fc.assert(
      fc.property(almost, (text) => {
        fc.pre(!text.includes('%'));
        expect(parseBlock(text) !== undefined).toBe(isIP(text) !== 0);
      }),
      { numRuns: 3000 },
    );
  });

  it('agrees with Node’s own block list', () => {
    const near = fc
      .tuple(fc.oneof(v4, v6), fc.nat(128), fc.oneof(v4, v6), fc.boolean(), fc.nat(127))
      .map(([base, length, other, flip, bit]) => {
        const bits = base.includes(':') ? 128 : 32;
        return { base, prefix: Math.min(length, bits), address: flip ? flipBit(base, bit % bits) : other };
      });
    fc.assert(
      fc.property(near, ({ base, prefix, address }) => {
        fc.pre(!isMapped(base) && !isMapped(address));
        const family = (text: string): 'ipv4' | 'ipv6' => (text.includes(':') ? 'ipv6' : 'ipv4');
        const list = new BlockList();
        list.addSubnet(base, prefix, family(base));
        // Node takes ::/0 for the block of all IPv4 addresses, too.
        const expected = family(base) === family(address) && list.check(address, family(address));
        expect(inBlocks(address, blocks(`${base}/${prefix}`))).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an address for people', () => {
  it.each([
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['::1', '::1'],
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:a01:203', '::ffff:a01:203'],
    ['2001:db8::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['', ''],
  ])('%s is shown as %s', (text, expected) => {
    expect(plainAddress(text)).toBe(expected);
  });
});

it('a host stands before its port as in a URL', () => {
  expect([hostAndPort('::', 80), hostAndPort('10.0.0.1', 80), hostAndPort('cache.example', '6379')]).toEqual([
    '[::]:80',
    '10.0.0.1:80',
    'cache.example:6379',
  ]);
});

/** Node's list and ours say the same of IPv4-mapped addresses only where both are written that way; the table has them. */
function isMapped(text: string): boolean {
  return /^(0{0,4}:)*:?(0{0,4}:)*ffff:/i.test(text);
}

/** The address with one bit the other way, in full notation. */
function flipBit(text: string, bit: number): string {
  if (!text.includes(':')) {
    const bytes = text.split('.').map(Number);
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (0x80 >> (bit & 7));
    return bytes.join('.');
  }
  const { value } = parseBlock(text) as Block;
  const flipped = (value ^ (1n << BigInt(127 - bit))).toString(16).padStart(32, '0');
  return (flipped.match(/.{4}/g) as string[]).join(':');
}
