import type { Notification, Severity } from '../../activities/ports.js';

const marks: Readonly<Record<Severity, string>> = {
  info: ':information_source:',
  warning: ':warning:',
  critical: ':rotating_light:',
};

/** Slack's limits, of a header's and a section's text. */
const headerCharacters = 150;
const sectionCharacters = 3000;

/** The three characters that Slack reads as control characters. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

/**
 * A notification as the body of an incoming webhook: blocks for people, `text` for where blocks are not shown (Slack's
 * Block Kit reference: header, section, context).
 */
export function slackMessage({ severity, title, body, model, releaseId, key }: Notification): {
  text: string;
  blocks: object[];
} {
  const context = [`*${severity}*`, escaped(releaseId ?? model), `\`${escaped(key)}\``].join('  ·  ');
  return {
    text: cut(escaped(`[${severity}] ${title}`), sectionCharacters),
    blocks: [
      {
        type: 'header',
        text: { type: 'plain_text', text: cut(`${marks[severity]} ${title}`, headerCharacters), emoji: true },
      },
      ...(body.trim() === ''
        ? []
        : [{ type: 'section', text: { type: 'mrkdwn', text: cut(escaped(body), sectionCharacters) } }]),
      { type: 'context', elements: [{ type: 'mrkdwn', text: cut(context, sectionCharacters) }] },
    ],
  };
}
