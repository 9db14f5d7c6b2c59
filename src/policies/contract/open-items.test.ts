import { describe, expect, it } from 'vitest';
import { checked, judged, tapOf } from '../../../test/kit/contract-stage.ts';
import { type Verdicts, fakeOperation, invalid } from '../../../test/kit/contract.ts';
import { FakeBody, answerOf } from '../../../test/kit/exchange.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

describe.each(['client-closed', 'upstream-broken', 'cut'] as const)('items that broke off: %s', (end) => {
  const broken = async (verdicts: Partial<Verdicts>, seen: string, headAt: 'answered' | 'unanswered' = 'answered') => {
    const body = new FakeBody('unread');
    const made = judged({ operation: fakeOperation({ looksAtRequest: 'items', looksAtResponse: 'items', ...verdicts }), body });
    await made.request();
    const answer = answerOf(200);
    const tap = tapOf(made.need(answer));
    if (headAt === 'answered') made.answered(await made.respond(answer));
    for (const one of [body.taps[0], tap]) {
      if (seen !== '') one?.onData(bytes(seen));
      one?.onCut('broken');
    }
    body.state = 'broken';
    made.finish(end);
    return made;
  };

  it('those that came are right', async () => {
    expect((await broken({}, 'a')).checks()).toMatchObject({ ...checked('request', 'valid'), ...checked('response', 'valid') });
  });

  it('one of them is wrong', async () => {
    const wrong = { requestItems: invalid({}), responseItems: invalid({ side: 'response' }) };
    const made = await broken(wrong, 'a');
    expect(made.checks()).toMatchObject({ ...checked('request', 'invalid'), ...checked('response', 'invalid') });
    expect(made.x.findings.map(({ side }) => side)).toEqual(['response', 'request']);
  });

  it('none came', async () => {
    const made = await broken({}, '');
    expect(made.checks()).toMatchObject(checked('response', 'skipped stream'));
    expect(Object.keys(made.checks()).filter((key) => key.includes('request'))).toEqual([]);
  });

  it('no answer: those of the request count', async () => {
    const made = await broken({ requestItems: invalid({}) }, 'a', 'unanswered');
    expect(made.checks()).toMatchObject(checked('request', 'invalid'));
  });

  it('a form has no verdict', async () => {
    const made = await broken({ looksAtRequest: 'parts', looksAtResponse: 'parts' }, 'a');
    expect(made.checks()).toEqual({});
  });
});

describe('items that go on', () => {
  const going = async (verdicts: Partial<Verdicts>) => {
    const made = judged({
      operation: fakeOperation({ looksAtRequest: false, looksAtResponse: 'items', ...verdicts }),
      body: new FakeBody('none'),
    });
    await made.request();
    const answer = answerOf(200);
    const tap = tapOf(made.need(answer));
    made.answered(await made.respond(answer));
    return { made, tap };
  };
  const wrong = { responseItems: invalid({ side: 'response' }, { side: 'response', pointer: '/1' }) };

  it('what is wrong is counted and told at once, and once', async () => {
    const { made, tap } = await going(wrong);
    expect(made.x.findings).toEqual([]);
    tap.onData(bytes('a'));
    expect([made.x.findings.length, made.violations()]).toEqual([2, 2]);
    expect(made.checks()).toMatchObject({ ...checked('response', 'invalid'), ...checked('request', 'valid') });
    tap.onData(bytes('b'));
    tap.onEnd();
    made.finish();
    expect(made.checks()).toMatchObject({ ...checked('response', 'invalid'), ...checked('request', 'valid') });
    expect([made.x.findings.length, made.violations()]).toEqual([2, 2]);
  });

  it('the head of the answer too, and then the items', async () => {
    const { made, tap } = await going({ ...wrong, responseHead: invalid({ side: 'response', location: 'header' }) });
    tap.onData(bytes('a'));
    expect(made.x.findings.map(({ location }) => location)).toEqual(['header', 'body', 'body']);
    tap.onCut('broken');
    made.finish('client-closed');
    expect(made.x.findings.length).toBe(3);
    expect(made.checks()).toMatchObject(checked('response', 'invalid'));
  });

  it('the request, once', async () => {
    const { made, tap } = await going({ requestHead: invalid({}) });
    tap.onData(bytes('a'));
    expect(made.x.findings.map(({ side }) => side)).toEqual(['request']);
    tap.onEnd();
    made.copy('request', '');
    made.finish();
    expect(made.checks()).toMatchObject({ ...checked('request', 'invalid'), ...checked('response', 'valid') });
  });

  it('what was found stays found where the process has no more time', async () => {
    const { made, tap } = await going(wrong);
    tap.onData(bytes('a'));
    made.deps.busy = true;
    tap.onData(bytes('b'));
    tap.onEnd();
    made.finish();
    expect(made.checks()).toMatchObject(checked('response', 'invalid'));
    expect(made.x.findings.length).toBe(2);
  });
});
