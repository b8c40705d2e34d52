import { createHmac } from 'node:crypto';
import { createRedactor } from '../domain/dataset/redaction/redactor.js';
import type { GuardrailName } from '../domain/guardrails/guardrails.js';
import type { Arm } from '../domain/rollout/traffic-plan.js';
import type { RequestLogSpec } from '../domain/spec/gateway-spec.js';
import type { SegmentWriter } from './segment-writer.js';

interface Asked {
  at: string;
  model: string;
  keyId: string;
  user: string | null;
  session: string | null;
  /** Null where the spec leaves texts out. */
  query: string | null;
}

/** One line of the request log: what training and monitoring later need of a request. */
export interface AnswerLine extends Asked {
  kind: 'answer';
  id: string;
  release: string;
  revision: number;
  arm: Arm;
  /** Of the sticky key; it keeps a person's answers together without saying who it is. */
  bucket: number;
  /** Whether guards count it: not for testers, nor while the lease has lapsed. */
  counted: boolean;
  answer: string | null;
  /** What blocked the answer or took personal data out of it. */
  guardrail: GuardrailName | null;
  milliseconds: number;
  promptTokens: number;
  completionTokens: number;
  status: number;
}

/** A request that a guardrail refused before any release saw it. */
export interface RefusedLine extends Asked {
  kind: 'refused';
  guardrail: GuardrailName;
}

/** What was said of an answer later; joined to it by `id`. */
export interface FeedbackLine {
  kind: 'feedback' | 'outcome';
  id: string | null;
  at: string;
  model: string;
  keyId: string;
  event: string;
  value: number | null;
  comment: string | null;
}

/** What was said of an item's summary, which no request has made. */
export interface SummaryFeedbackLine extends Omit<FeedbackLine, 'kind' | 'id'> {
  kind: 'summaryFeedback';
  /** Version of the summary. */
  id: string;
  item: string;
  release: string;
  user: string | null;
}

export type LogLine = AnswerLine | RefusedLine | FeedbackLine | SummaryFeedbackLine;

export interface LogPolicy {
  spec: RequestLogSpec;
  /** Of the model; pseudonyms are made with it. */
  salt: string;
}

const linesInTurn = 20;

/**
 * Lines in segments `requests/<model>/<date>/<hour>/<gateway>-<n>.jsonl.zst`. What is personal is dealt with as the
 * spec says, after the answer has gone out.
 */
export class RequestLog {
  private readonly redactor = createRedactor({ patterns: [] });
  private fresh: { line: LogLine; policy: LogPolicy }[] = [];
  private turn: NodeJS.Immediate | null = null;

  constructor(
    private readonly segments: SegmentWriter,
    /** A line that could not be made must not end the process that answers users. */
    private readonly onFailure: (error: unknown) => void,
  ) {}

  append(entry: { line: LogLine; policy: LogPolicy }): void {
    const { line, policy } = entry;
    const isSampled = isStatement(line) || Math.random() < policy.spec.sample;
    if (!isSampled) return;
    this.fresh.push(entry);
    this.turn ??= setImmediate(() => this.take(linesInTurn));
  }

  /** Writes what waits now. Never rejects. */
  async flush(): Promise<void> {
    this.take(this.fresh.length);
    await this.segments.flush();
  }

  /** Writes what waits. Never rejects. */
  async stop(): Promise<void> {
    this.take(this.fresh.length);
    await this.segments.stop();
  }

  private take(count: number): void {
    for (const { line, policy } of this.fresh.splice(0, count)) {
      const prefix = `requests/${line.model}/${line.at.slice(0, 10)}/${line.at.slice(11, 13)}/`;
      try {
        this.segments.append({ prefix, row: this.kept({ line, policy }) });
      } catch (error) {
        this.onFailure(error);
      }
    }
    if (this.turn) clearImmediate(this.turn);
    this.turn = this.fresh.length > 0 ? setImmediate(() => this.take(linesInTurn)) : null;
  }

  /** The line as it may be kept. */
  private kept({ line, policy: { spec, salt } }: { line: LogLine; policy: LogPolicy }): LogLine {
    if (spec.personalData === 'keep') return line;
    const isLeftOut = spec.personalData === 'leaveOut';
    if (isStatement(line)) {
      const comment = isLeftOut ? null : this.redacted([line.comment])[0]!;
      if (line.kind !== 'summaryFeedback') return { ...line, comment };
      return { ...line, comment, user: pseudonym({ of: line.user, salt }) };
    }
    const people = { user: pseudonym({ of: line.user, salt }), session: pseudonym({ of: line.session, salt }) };
    const texts = line.kind === 'answer' ? [line.query, line.answer] : [line.query];
    const [query = null, answer = null] = isLeftOut ? [] : this.redacted(texts);
    return line.kind === 'answer' ? { ...line, ...people, query, answer } : { ...line, ...people, query };
  }

  private redacted(texts: (string | null)[]): (string | null)[] {
    const redacted = this.redactor.redact({ texts: texts.map((text) => text ?? '') }).texts;
    return texts.map((text, index) => (text === null ? null : redacted[index]!));
  }
}

const isStatement = (line: LogLine): line is FeedbackLine | SummaryFeedbackLine =>
  line.kind === 'feedback' || line.kind === 'outcome' || line.kind === 'summaryFeedback';

/** The same person has the same pseudonym with one model, and another with the next. */
const pseudonym = ({ of, salt }: { of: string | null; salt: string }): string | null =>
  of === null ? null : createHmac('sha256', salt).update('request-log\0').update(of).digest('base64url').slice(0, 22);
