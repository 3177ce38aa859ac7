import { createHash } from 'node:crypto';

/** A Lua script, and what the server knows it by. */
export interface RedisScript {
  readonly text: string;
  readonly sha: string;
}

/**
 * Instances whose clocks are behind still see what others took for so long after a budget is full; then its key goes.
 *
 * It is also what a budget can stay empty for at most beyond its window, when the clock of all instances went back.
 */
const CLOCK_SLACK_MS = 10_000;

const READ = `
local now, interval = tonumber(ARGV[1]), tonumber(ARGV[2])
local tat = tonumber(redis.call('GET', KEYS[1]) or '')
local function keep(at)
  -- %.0f: Lua's own notation would round away the last digits.
  local ms = math.ceil((at - now) / 1024) + ${CLOCK_SLACK_MS}
  redis.call('SET', KEYS[1], string.format('%.0f', at), 'PX', string.format('%.0f', ms))
end
`;

/**
 * Takes one. ARGV: now, interval, burst, all in steps of 2⁻¹⁰ ms, so that Lua's doubles are exact. Gives whether it was granted, and
 * how far the budget is from full.
 *
 * The stored time never goes back: an instance whose clock is behind must not refill what another one emptied. A refusal writes
 * nothing, so a flood costs the server one read each, and no budget is kept alive by those it refuses.
 */
export const TAKE = script(`${READ}
local burst = tonumber(ARGV[3])
if not tat or tat < now then tat = now end
local after = tat + interval
if after > now + burst then return {0, tat - now} end
keep(after)
return {1, after - now}
`);

/** Gives one back. A budget that is full again needs no key. */
export const GIVE_BACK = script(`${READ}
if not tat then return end
if tat - interval <= now then redis.call('DEL', KEYS[1]) else keep(tat - interval) end
`);

/**
 * Notes one strike. ARGV: now, window, amount, in milliseconds. Gives 1 when it is the `amount`-th within the window, and forgets them.
 *
 * One text value: a list would need rights that counting does not.
 */
export const STRIKE = script(`
local now, span, amount = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local recent = {}
for at in string.gmatch(redis.call('GET', KEYS[1]) or '', '%d+') do
  if tonumber(at) > now - span then recent[#recent + 1] = at end
end
if #recent + 1 >= amount then
  redis.call('DEL', KEYS[1])
  return 1
end
recent[#recent + 1] = string.format('%.0f', now)
redis.call('SET', KEYS[1], table.concat(recent, ','), 'PX', span)
return 0
`);

/** Forgets the strikes of one key. */
export const FORGET = script("return redis.call('DEL', KEYS[1])");

function script(text: string): RedisScript {
  // SHA-1 is how EVALSHA names scripts; nothing rests on it.
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}
