// Slack's own packages against the fake: whatever they need of Slack, the fake has to do. It is started by TestNode, which
// also lets people act: act({do: "say", person: "Amy", text: "…"}).
import assert from 'node:assert/strict';
import { SocketModeClient, LogLevel } from '@slack/socket-mode';
import { WebClient, WebClientEvent } from '@slack/web-api';

const { API, CONTROL, BOT_TOKEN, APP_TOKEN, CHANNEL } = process.env;

async function act(order) {
  const response = await fetch(CONTROL, { method: 'POST', body: JSON.stringify(order) });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

const web = new WebClient(BOT_TOKEN, { slackApiUrl: API, logLevel: LogLevel.ERROR });
const channel = CHANNEL;

async function check(what, f) {
  await f();
  console.log(`ok ${what}`);
}

async function fails(promise, error, more = {}) {
  await assert.rejects(promise, (e) => {
    assert.equal(e.code, 'slack_webapi_platform_error');
    assert.equal(e.data.error, error);
    for (const [k, v] of Object.entries(more)) assert.deepEqual(e.data[k], v);
    return true;
  });
}

await check('auth.test and its scopes', async () => {
  const r = await web.auth.test();
  assert.match(r.url, /^https:\/\/nhs\.slack\.com\/$/);
  assert.match(r.bot_id, /^B/);
  assert.ok(r.response_metadata.scopes.includes('chat:write'));
  await fails(new WebClient('xoxb-nobody', { slackApiUrl: API, logLevel: LogLevel.ERROR }).auth.test(), 'invalid_auth');
});

let root;
await check('post, thread, update, delete', async () => {
  const posted = await web.chat.postMessage({
    channel, text: 'Q1 <&>', unfurl_links: false, blocks: [{ type: 'header', text: { type: 'plain_text', text: 'Q1' } }],
    metadata: { event_type: 'said', event_payload: { key: 'k' } },
  });
  root = posted.ts;
  assert.match(root, /^\d{10}\.\d{6}$/);
  assert.equal(posted.message.text, 'Q1 &lt;&amp;&gt;');
  const reply = await web.chat.postMessage({ channel, thread_ts: root, text: 'A1', username: 'Zoë', icon_emoji: ':books:' });
  assert.equal(reply.message.thread_ts, root);
  assert.equal(reply.message.subtype, 'bot_message');
  assert.equal((await web.chat.update({ channel, ts: reply.ts, text: 'A1, edited' })).message.edited.user, reply.message.bot_id);
  await act({ do: 'reply', person: 'Amy', ts: root, text: 'hers' });
  const thread = await web.conversations.replies({ channel, ts: root });
  assert.deepEqual(thread.messages.map((m) => m.text), ['Q1 &lt;&amp;&gt;', 'A1, edited', 'hers']);
  assert.equal(thread.messages[0].reply_count, 2);
  assert.deepEqual(thread.messages[0].metadata, { event_type: 'said' });
  await web.chat.delete({ channel, ts: reply.ts });
  await fails(web.chat.delete({ channel, ts: reply.ts }), 'message_not_found');
  assert.equal((await web.conversations.replies({ channel, ts: root })).messages.length, 2);
  assert.match((await web.chat.getPermalink({ channel, message_ts: root })).permalink, /\/archives\/C\w+\/p\d{16}$/);
});

await check('what Slack refuses', async () => {
  await fails(web.chat.postMessage({ channel: 'C0NOSUCH', text: 'x' }), 'channel_not_found');
  await fails(web.apiCall('chat.shout'), 'unknown_method');
  const message = 'must be less than 3001 characters [json-pointer:/blocks/0/text/text]';
  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3001) } }];
  const quiet = new WebClient(BOT_TOKEN, { slackApiUrl: API, logger: silent() });
  await fails(quiet.chat.postMessage({ channel, text: 'x', blocks }), 'invalid_blocks', { errors: [message] });
});

await check('history, page by page', async () => {
  for (let i = 0; i < 12; i++) await act({ do: 'say', person: 'Amy', text: `message ${i}` });
  const texts = [];
  let pages = 0;
  for await (const page of web.paginate('conversations.history', { channel, limit: 5 })) {
    texts.push(...page.messages.map((m) => m.text));
    pages++;
  }
  assert.deepEqual(texts.slice(0, 12), Array.from({ length: 12 }, (_, i) => `message ${11 - i}`));
  assert.equal(pages, Math.ceil(texts.length / 5));
  const names = [];
  for await (const page of web.paginate('conversations.list', { limit: 1, types: 'public_channel' })) names.push(...page.channels.map((c) => c.name));
  assert.deepEqual(names, ['ukmedlibs', 'other']);
});

await check('reactions', async () => {
  await web.reactions.add({ channel, timestamp: root, name: '+1' });
  await fails(web.reactions.add({ channel, timestamp: root, name: '+1' }), 'already_reacted');
  const { message } = await web.reactions.get({ channel, timestamp: root });
  assert.deepEqual(message.reactions.map((r) => [r.name, r.count]), [['+1', 1]]);
  await web.reactions.remove({ channel, timestamp: root, name: '+1' });
});

await check('channels and people', async () => {
  const { channels } = await web.conversations.list();
  const other = channels.find((c) => c.name === 'other');
  assert.equal(other.is_member, false);
  await fails(web.conversations.history({ channel: other.id }), 'not_in_channel');
  await web.conversations.join({ channel: other.id });
  assert.equal((await web.conversations.info({ channel: other.id })).channel.is_member, true);
  const { members } = await web.users.list();
  const amy = members.find((m) => m.real_name === 'Amy');
  assert.equal((await web.users.info({ user: amy.id })).user.profile.display_name, 'Amy');
  await web.chat.postEphemeral({ channel, user: amy.id, text: 'for you alone' });
});

await check('a rate limit, waited for by the SDK', async () => {
  await act({ do: 'limit', method: 'chat.postMessage' });
  let told = 0;
  web.once(WebClientEvent.RATE_LIMITED, (seconds) => { told = seconds; });
  const start = Date.now();
  const { ts } = await web.chat.postMessage({ channel, text: 'after the limit' });
  assert.ok(ts && told === 1 && Date.now() - start >= 1000, `told ${told}, took ${Date.now() - start} ms`);
});

await check('pages of HTML', async () => {
  await act({ do: 'refuse' });
  const hasty = new WebClient(BOT_TOKEN, { slackApiUrl: API, retryConfig: { retries: 0 }, logLevel: LogLevel.ERROR });
  await assert.rejects(hasty.auth.test(), (e) => e.code === 'slack_webapi_http_error' && e.statusCode === 503 && /<html>/.test(e.body));
});

// A reconnection waits for clientPingTimeout.
const socket = new SocketModeClient({ appToken: APP_TOKEN, clientPingTimeout: 300, logger: silent(), clientOptions: { slackApiUrl: API } });
// Of node:events, once would fail for the error that comes with a cut.
const next = (kind) => new Promise((resolve) => { socket.once(kind, resolve); });

await check('hello', async () => {
  await socket.start();
});

await check('an event, acknowledged', async () => {
  const coming = next('message');
  const { ts } = await act({ do: 'say', person: 'Amy', text: 'hello *there*' });
  const { event, body, ack, retry_num } = await coming;
  assert.equal(event.ts, ts);
  assert.equal(event.channel, channel);
  assert.equal(event.blocks[0].type, 'rich_text');
  assert.match(body.event_id, /^Ev/);
  assert.equal(retry_num, 0);
  await ack();
  await act({ do: 'settled' });
});

await check('an event, sent again for want of an acknowledgement', async () => {
  let coming = next('message');
  await act({ do: 'say', person: 'Amy', text: 'again' });
  const first = await coming;
  coming = next('message');
  const second = await coming;
  assert.equal(second.body.event_id, first.body.event_id);
  assert.equal(second.retry_num, 1);
  assert.equal(second.retry_reason, 'timeout');
  await second.ack();
  await act({ do: 'settled' });
});

await check('an edit and a deletion', async () => {
  let coming = next('message');
  const { ts } = await act({ do: 'say', person: 'Amy', text: 'frist' });
  await (await coming).ack();
  coming = next('message');
  await act({ do: 'edit', person: 'Amy', ts, text: 'first' });
  let e = await coming;
  await e.ack();
  assert.equal(e.event.subtype, 'message_changed');
  assert.equal(e.event.message.text, 'first');
  assert.equal(e.event.previous_message.text, 'frist');
  coming = next('reaction_added');
  await act({ do: 'react', person: 'Amy', ts, text: 'tada' });
  e = await coming;
  await e.ack();
  assert.equal(e.event.reaction, 'tada');
  coming = next('message');
  await act({ do: 'delete', person: 'Amy', ts });
  e = await coming;
  await e.ack();
  assert.equal(e.event.subtype, 'message_deleted');
  assert.equal(e.event.deleted_ts, ts);
});

await check('a slash command, answered', async () => {
  socket.once('slash_commands', ({ ack, body }) => ack({ text: `heard ${body.command} ${body.text}` }));
  const { text } = await act({ do: 'command', person: 'Amy', text: 'next' });
  assert.equal(text, 'heard /catchword next');
});

await check('a press of a button, and the message replaced', async () => {
  const blocks = [
    { type: 'section', text: { type: 'mrkdwn', text: 'Q2 in two minutes' } },
    { type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'Next' }, action_id: 'next', value: 'q2' }] },
  ];
  const { channel: im } = await web.conversations.open({ users: (await act({ do: 'who', person: 'Amy' })).id });
  assert.match(im.id, /^D/);
  const { ts } = await web.chat.postMessage({ channel: im.id, text: 'Q2 in two minutes', blocks });
  const coming = next('interactive');
  const pressed = act({ do: 'press', person: 'Amy', channel: im.id, ts, text: 'next' });
  const { body, ack } = await coming;
  await ack();
  assert.equal((await pressed).acked, true);
  assert.equal(body.type, 'block_actions');
  assert.equal(body.actions[0].value, 'q2');
  assert.equal(body.container.is_ephemeral, false);
  assert.equal(body.channel.id, im.id);
  const answer = await fetch(body.response_url, { method: 'POST', body: JSON.stringify({ replace_original: true, text: 'pressed', blocks: body.message.blocks.slice(0, 1) }) });
  assert.equal(await answer.text(), 'ok');
  const { messages } = await web.conversations.history({ channel: im.id, limit: 1 });
  assert.deepEqual(messages[0].blocks.map((b) => b.type), ['section']);
});

await check('a press below an ephemeral message', async () => {
  const { id } = await act({ do: 'who', person: 'Amy' });
  const blocks = [{ type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'Hold' }, action_id: 'hold', value: 'hold' }] }];
  const { message_ts: ts } = await web.chat.postEphemeral({ channel, user: id, text: 'for you alone', blocks });
  const coming = next('interactive');
  const pressed = act({ do: 'press', person: 'Amy', channel, ts, text: 'hold' });
  const { body, ack } = await coming;
  await ack();
  await pressed;
  assert.equal(body.container.is_ephemeral, true);
  assert.equal(body.message, undefined);
});

await check('a direct message, and an arrival', async () => {
  await act({ do: 'forget' });
  let coming = next('message');
  const { ts } = await act({ do: 'confide', person: 'Amy', text: 'anon I never read it' });
  let e = await coming;
  await e.ack();
  assert.equal(e.event.ts, ts);
  assert.equal(e.event.channel_type, 'im');
  assert.match(e.event.channel, /^D/);
  coming = next('member_joined_channel');
  await act({ do: 'join', person: 'Newcomer' });
  e = await coming;
  await e.ack();
  assert.equal(e.event.channel, channel);
  assert.match(e.event.user, /^U/);
  await act({ do: 'forget' });
});

for (const order of [{ do: 'disconnect', text: 'warning' }, { do: 'disconnect', text: 'refresh_requested' }, { do: 'cut' }]) {
  await check(`a reconnection after ${order.text ?? 'a cut'}`, async () => {
    const connected = next('connected');
    await act(order);
    await connected;
    const coming = next('message');
    await act({ do: 'say', person: 'Amy', text: `after ${order.text ?? 'a cut'}` });
    const { event, ack } = await coming;
    assert.match(event.text, /^after /);
    await ack();
    await act({ do: 'settled' });
  });
}

await check('the end', () => socket.disconnect());

function silent() {
  const nothing = () => {};
  return { debug: nothing, info: nothing, warn: nothing, error: nothing, setLevel: nothing, setName: nothing, getLevel: () => LogLevel.ERROR };
}
