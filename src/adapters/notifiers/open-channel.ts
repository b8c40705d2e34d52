import { type Notifier, PortError } from '../../activities/ports.js';
import type { NotifierSettings } from '../../config/notifier-settings.js';
import type { NotifyRoute } from '../../domain/spec/notify-spec.js';
import { ConsoleNotifier } from './console-notifier.js';
import { EmailNotifier } from './email-notifier.js';
import { LogNotifier } from './log-notifier.js';
import { PagerDutyNotifier } from './pagerduty-notifier.js';
import { SlackNotifier } from './slack-notifier.js';
import { SnsNotifier } from './sns-notifier.js';
import { WebhookNotifier } from './webhook-notifier.js';

/** What a route lacks on this machine, and how to mend it; null where something can be sent through it. */
export function problemOf({ route, settings }: { route: NotifyRoute; settings: NotifierSettings }): string | null {
  switch (route.kind) {
    case 'webhook':
      return settings.webhookSecret === null
        ? 'webhook: has no secret to sign with; set UNDERSTUDY_WEBHOOK_SECRET for the workers'
        : null;
    case 'slack':
      return settings.slackWebhooks.has(route.channel)
        ? null
        : `slack: channel ${route.channel} has no incoming webhook; set it in UNDERSTUDY_SLACK_WEBHOOKS for the workers (there now: ${[...settings.slackWebhooks.keys()].join(', ') || 'none'})`;
    case 'pagerduty':
      return settings.pagerDutyKeys.has(route.channel)
        ? null
        : `pagerduty: channel ${route.channel} has no integration key; set it in UNDERSTUDY_PAGERDUTY_KEYS for the workers (there now: ${[...settings.pagerDutyKeys.keys()].join(', ') || 'none'})`;
    case 'email':
      return settings.smtp.url === null || settings.smtp.from === null
        ? 'email: has no mail server or no sender; set UNDERSTUDY_SMTP_URL and UNDERSTUDY_SMTP_FROM for the workers'
        : null;
    case 'sns':
    case 'console':
    case 'log':
      return null;
  }
}

/**
 * What sends through a route.
 * @throws PortError `InvalidInput` where the route lacks something, with how to mend it.
 */
export function openChannel({
  route,
  settings,
  home,
}: {
  route: NotifyRoute;
  settings: NotifierSettings;
  home: string;
}): Notifier {
  const problem = problemOf({ route, settings });
  if (problem !== null) throw new PortError('InvalidInput', `notify: ${problem}`);
  switch (route.kind) {
    case 'console':
      return new ConsoleNotifier();
    case 'log':
      return new LogNotifier({ home });
    case 'webhook':
      return new WebhookNotifier({ url: route.url, secret: settings.webhookSecret!.reveal() });
    case 'slack': {
      const { channel } = route;
      return new SlackNotifier({ url: settings.slackWebhooks.get(channel)!.reveal(), channel });
    }
    case 'pagerduty': {
      const { channel } = route;
      const routingKey = settings.pagerDutyKeys.get(channel)!.reveal();
      return new PagerDutyNotifier({ url: settings.pagerDutyUrl, routingKey, channel });
    }
    case 'sns':
      return new SnsNotifier({ topic: route.topic });
    case 'email':
      return new EmailNotifier({ url: settings.smtp.url!.reveal(), from: settings.smtp.from!, to: route.to });
  }
}
