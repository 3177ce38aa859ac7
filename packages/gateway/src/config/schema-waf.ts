import { ATTACK_CLASSES, PROFILES, WAF_RULE_IDS } from '@steadygate/core';
import { z } from 'zod';

import { integer, refuse, text } from './fields.ts';
import { nearestName } from './suggest.ts';

const FIELD = /^(?:path|query|header|cookie|body)(?::\S{1,256})?$/;
const DAY = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

const field = () => text('a field of a request', FIELD, 'body:$.messages[*].content, query:q or header:x-note');

function ruleId() {
  return z.string().superRefine((id, ctx) => {
    if (id === '*' || WAF_RULE_IDS.includes(id)) return;
    const near = nearestName(id, WAF_RULE_IDS);
    refuse(
      ctx,
      'is no rule',
      near === undefined ? '`steadygate explain` names the rule.' : `Did you mean \`${near}\`?`,
    );
  });
}

const mode = () => z.enum(['enforce', 'shadow', 'off']);
const threshold = () => integer(2, 30);

/** Inspection of content. Without it nothing is inspected. */
export const wafSchema = z
  .strictObject({
    mode: mode()
      .default('enforce')
      .describe('`shadow` records what would be refused. Without `guards.waf` nothing is inspected.'),
    threshold: threshold()
      .prefault(5)
      .describe('What the signs of one class must add up to in a plain value. Lower finds more, of the harmless too.'),
    classes: z
      .partialRecord(z.enum(ATTACK_CLASSES), threshold())
      .default({})
      .describe('Thresholds of single classes, such as `{ ssrf: 8 }`.'),
    fields: z
      .array(
        z.strictObject({
          route: z.string().startsWith('/').optional().describe("The route's path as it is configured. Absent: all."),
          field: field().describe('Such as `body:$.messages[*].content` or `query:q`; `*` stands for any text.'),
          profile: z.enum(PROFILES).describe('What the field holds: it decides how much evidence a refusal takes.'),
        }),
      )
      .prefault([])
      .describe('Fields whose kind is known. Others are judged by what their value looks like.'),
    exceptions: z
      .array(
        z.strictObject({
          rule: ruleId().describe('Id of the rule, as `explain` shows it; `*` for all.'),
          route: z.string().startsWith('/').optional().describe("The route's path as it is configured. Absent: all."),
          field: field().describe('Where the rule may be broken.'),
          reason: z.string().min(3).max(500).describe('Why, for whoever reads this later.'),
          expires: text('a day', DAY, '2027-01-31').optional().describe('The last day on which it holds (UTC).'),
        }),
      )
      .prefault([])
      .describe('What may pass, by rule and field. `steadygate explain` prints the line for a refused request.'),
  })
  .describe('Inspection of content for attacks (WAF). Off unless this is written.');

/** Inspection on one route, where it differs. */
export const routeWafSchema = z
  .strictObject({
    mode: mode().optional().describe('Absent: as `guards.waf.mode`, or `enforce`.'),
    threshold: threshold().optional().describe('Absent: as `guards.waf.threshold`.'),
  })
  .describe('Inspection of content on this route.');
