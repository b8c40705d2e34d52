import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Lifecycles } from '../../activities/orphans/lifecycles-port.js';
import { PortError } from '../../activities/ports.js';
import { lifecycleMessages } from '../../contracts/lifecycle.js';
import { workflowIds } from '../../contracts/names.js';
import { lifecycleStateSchema, type LifecycleState } from '../../domain/release/lifecycle-state.js';

const prefix = workflowIds.lifecycle('');

/** The lifecycles of one namespace, asked of Temporal itself. */
export class TemporalLifecycles implements Lifecycles {
  readonly #client: Client;

  constructor({ client }: { client: Client }) {
    this.#client = client;
  }

  models(): Promise<string[]> {
    return this.#asked('the running lifecycles', async () => {
      const models: string[] = [];
      const query = 'WorkflowType = "modelLifecycle" AND ExecutionStatus = "Running"';
      for await (const { workflowId } of this.#client.workflow.list({ query }))
        if (workflowId.startsWith(prefix)) models.push(workflowId.slice(prefix.length));
      return [...new Set(models)].sort();
    });
  }

  describe({ model }: { model: string }): Promise<LifecycleState | null> {
    const workflowId = workflowIds.lifecycle(model);
    return this.#asked(workflowId, async () => {
      if (!(await this.isRunning({ workflowId }))) return null;
      return lifecycleStateSchema.parse(
        await this.#client.workflow.getHandle(workflowId).query(lifecycleMessages.describe),
      );
    });
  }

  /** Asks for the workflow by its id, not for a list, which may be some seconds old. */
  isRunning({ workflowId }: { workflowId: string }): Promise<boolean> {
    return this.#asked(workflowId, async () => {
      const { status } = await this.#client.workflow.getHandle(workflowId).describe();
      return status.name === 'RUNNING' || status.name === 'PAUSED';
    }).catch((error: unknown) => {
      if (error instanceof PortError && error.type === 'NotFound') return false;
      throw error;
    });
  }

  async #asked<Result>(what: string, ask: () => Promise<Result>): Promise<Result> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof PortError) throw error;
      const type = error instanceof WorkflowNotFoundError ? 'NotFound' : 'Unavailable';
      throw new PortError(type, `Temporal, asked for ${what}: ${(error as Error).message}`, null, { cause: error });
    }
  }
}
