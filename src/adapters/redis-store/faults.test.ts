import { ReplyError } from 'ioredis';
import { expect, it } from 'vitest';
import { connectionCode, needsNoPassword, replyCode } from './faults.ts';

const reply = (message: string): unknown => Object.assign(Object.create((ReplyError as { prototype: object }).prototype), { message });

it.each([
  ['NOSCRIPT No matching script. Please use EVAL.', 'NOSCRIPT'],
  ['OOM command not allowed', 'OOM'],
  ["ERR unknown command 'AUTH', with args beginning with: 's3cr3t'", 'ERR'],
  ['S3CR3T is what you sent', 'ERR'],
  ['', 'ERR'],
])('a reply "%s" is %s, and nothing else of it is told', (message, code) => {
  expect(replyCode(reply(message))).toBe(code);
});

it.each([
  [new Error('Connection is closed.'), 'connection_error'],
  [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [Object.assign(new Error('x'), { code: 'no word\n' }), 'connection_error'],
  [Object.assign(new Error('x'), { code: 7 }), 'connection_error'],
])('%s of the connection is no reply', (error, code) => {
  expect([replyCode(error), connectionCode(error)]).toEqual([undefined, code]);
});

it.each([
  ['ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?', true],
  ['ERR Client sent AUTH, but no password is set', true],
  ['WRONGPASS invalid username-password pair or user is disabled.', false],
])('"%s"', (message, harmless) => {
  expect(needsNoPassword(reply(message))).toBe(harmless);
});
