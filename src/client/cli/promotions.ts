import { once } from 'node:events';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { MlflowClient } from 'mlflow-ts-client';
import { mlflowClientOf } from '../../adapters/mlflow-registry/mlflow-client.js';
import {
  aliasEvent,
  createPromotionWebhook,
  webhookPath,
  type Promotion,
} from '../../adapters/mlflow-webhook/promotion-webhook.js';
import type { Settings } from '../../config/settings.js';
import { lifecycleMessages } from '../../contracts/lifecycle.js';
import { workflowIds } from '../../contracts/names.js';
import { rememberedPorts } from '../start/ports.js';
import type { UnderstudyClient } from '../understudy-client.js';
import { CannotRun, verb, withClient, type CommandContext, type Result } from './command-context.js';
import { wholeNumberBetween } from './number-option.js';

/** The webhook's name in MLflow: registering it again changes the one that is there. */
const webhookName = 'understudy-promotions';

function secretOf({ mlflowWebhookSecret }: Settings): string {
  if (mlflowWebhookSecret !== null) return mlflowWebhookSecret.reveal();
  throw new CannotRun(
    'UNDERSTUDY_MLFLOW_WEBHOOK_SECRET: is not set; expected 16 random characters or more, the same where the webhook is registered and where it is taken',
  );
}

const tellLifecycle =
  (temporal: Client) =>
  async ({ model, version }: Promotion): Promise<boolean> => {
    try {
      await temporal.workflow
        .getHandle(workflowIds.lifecycle(model))
        .signal(lifecycleMessages.promotionAsked, { version });
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };

/** `promotions serve`: takes MLflow's webhook until it is stopped. */
const addServe = (promotions: Command, context: CommandContext): Command =>
  verb<{ port: number; host: string }>({
    command: promotions
      .command('serve')
      .description("take MLflow's webhook, so that the alias promote is seen at once and not within a minute")
      .option('--port <port>', 'where to listen; 0 takes a free one', wholeNumberBetween(0, 65_535), 8235)
      .option('--host <address>', 'on which address', '127.0.0.1'),
    context,
    run: async ({ options: { port, host } }) => {
      const settings = context.settings();
      const secret = secretOf(settings);
      const serve = async ({ temporal }: UnderstudyClient): Promise<Result> => {
        const tell = tellLifecycle(temporal);
        const server = createPromotionWebhook({
          secret,
          tell: async (promotion) => {
            const asked = await tell(promotion);
            const { model, version } = promotion;
            context.say(
              `${model}: version ${version} carries the alias promote${asked ? '' : ', but has no lifecycle'}`,
            );
            return asked;
          },
        });
        const address = await server.listen({ host, port });
        context.say(`MLflow's webhook is taken on ${address}${webhookPath}`);
        await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
        await server.close();
        return { code: 0, data: { address }, text: '' };
      };
      // It listens on while workers are replaced.
      return withClient(settings, serve, { needsWorker: false });
    },
  });

/** Makes the webhook, or changes the one of our name; its id. */
async function ensureWebhook({ mlflow, url, secret }: { mlflow: MlflowClient; url: string; secret: string }) {
  const wanted = { name: webhookName, url, events: [aliasEvent], secret } as const;
  for await (const { webhookId, name } of mlflow.webhooks.list())
    if (name === webhookName) {
      await mlflow.webhooks.update({ webhookId, ...wanted });
      return webhookId;
    }
  return (await mlflow.webhooks.create(wanted)).webhookId;
}

/** `promotions register`: has MLflow post to where `promotions serve` listens, and tries it. */
const addRegister = (promotions: Command, context: CommandContext): Command =>
  verb({
    command: promotions
      .command('register')
      .description(`have MLflow post to ADDRESS, and try it; ADDRESS ends in ${webhookPath}`)
      .argument('<address>', `such as https://understudy.example.com${webhookPath}`),
    context,
    run: async ({ arguments: [url = ''] }) => {
      const settings = context.settings();
      const secret = secretOf(settings);
      const ports = await rememberedPorts({ home: settings.home });
      const trackingUri = settings.mlflow.trackingUri ?? `http://127.0.0.1:${ports.mlflow}`;
      const mlflow = mlflowClientOf({ mlflow: settings.mlflow, trackingUri });
      const webhookId = await ensureWebhook({ mlflow, url, secret });
      const { success, status, error } = await mlflow.webhooks.test({ webhookId });
      const found = status === undefined ? (error ?? 'no answer') : `HTTP ${status}`;
      return {
        code: success ? 0 : 1,
        data: { webhookId, url, success, found },
        text: `${url}: registered; MLflow tried it: ${found}${success ? '' : '. Is "promotions serve" reachable from MLflow, with the same secret?'}`,
      };
    },
  });

/** `promotions`: MLflow's webhook for the alias `promote`. */
export function addPromotions(program: Command, context: CommandContext): void {
  const promotions = program.command('promotions').description("MLflow's webhook for the alias promote");
  addServe(promotions, context);
  addRegister(promotions, context);
}
