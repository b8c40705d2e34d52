import type { CallOptions } from './options.js';
import { walkPages } from './paging.js';
import type { PageOptions } from './paging.js';
import { webhookAnswer, webhookPage, webhookTestAnswer } from './schemas/webhooks.js';
import type { Webhook, WebhookTest } from './schemas/webhooks.js';
import type { Transport } from './transport/http.js';

const root = '/api/2.0/mlflow/webhooks';

/** What happens in the registry, such as `model_version_alias.created`. */
export type WebhookEvent = `${string}.${string}`;

export interface CreateWebhook extends CallOptions {
  /** Letters, digits, dots, underscores and hyphens; under 63 characters. */
  name: string;
  /** Https, at an address on the internet, unless the server's own settings allow others. */
  url: string;
  events: readonly WebhookEvent[];
  /** Deliveries are signed with it (HMAC-SHA256); the server never gives it back. */
  secret?: string | undefined;
  description?: string | undefined;
}

export type UpdateWebhook = { webhookId: string } & Partial<Omit<CreateWebhook, keyof CallOptions>> & CallOptions;

type IdCall = { webhookId: string } & CallOptions;

const messagesOf = (events: readonly WebhookEvent[]) =>
  events.map((event) => {
    const [entity = '', action = ''] = event.toUpperCase().split('.');
    return { entity, action };
  });

const pathOf = ({ webhookId }: IdCall): string => `${root}/${encodeURIComponent(webhookId)}`;

/** Webhooks of the registry: where the server posts to when something in it changes. Needs a server over a database. */
export class Webhooks {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** @throws MlflowInvalidParameterError for an address that the server does not post to */
  async create(input: CreateWebhook): Promise<Webhook> {
    const { name, url, events, secret, description } = input;
    const body = { name, url, events: messagesOf(events), secret, description };
    const call = { path: root, body, schema: webhookAnswer, idempotent: false, options: input };
    return (await this.#transport.post(call)).webhook;
  }

  /** @throws MlflowNotFoundError */
  async get(input: IdCall): Promise<Webhook> {
    return (await this.#transport.get({ path: pathOf(input), schema: webhookAnswer, options: input })).webhook;
  }

  /** All webhooks, page by page. */
  list(input: CallOptions & PageOptions = {}): AsyncGenerator<Webhook, void, undefined> {
    return walkPages(async (pageToken) => {
      const query = { max_results: input.pageSize ?? 100, page_token: pageToken };
      const page = await this.#transport.get({ path: root, query, schema: webhookPage, options: input });
      return { items: page.webhooks, nextPageToken: page.next_page_token };
    });
  }

  /** Changes what is given, and leaves the rest. @throws MlflowNotFoundError */
  update(input: UpdateWebhook): Promise<void> {
    const { name, url, events, secret, description } = input;
    const body = { name, url, events: events && messagesOf(events), secret, description };
    return this.#transport.change({ method: 'PATCH', path: pathOf(input), body, options: input });
  }

  /** @throws MlflowNotFoundError */
  delete(input: IdCall): Promise<void> {
    return this.#transport.change({
      method: 'DELETE',
      path: pathOf(input),
      body: {},
      idempotent: false,
      options: input,
    });
  }

  /** Has the server post an example of the webhook's first event, and says what came back. */
  async test(input: IdCall): Promise<WebhookTest> {
    const call = {
      path: `${pathOf(input)}/test`,
      body: {},
      schema: webhookTestAnswer,
      idempotent: false,
      options: input,
    };
    return (await this.#transport.post(call)).result;
  }
}
