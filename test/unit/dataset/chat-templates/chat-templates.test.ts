import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { ChatMessage } from '../../../../src/domain/dataset/chat-templates/chat-message.js';
import {
  type ChatTemplateName,
  chatTemplates,
  renderChat,
} from '../../../../src/domain/dataset/chat-templates/chat-templates.js';

interface PublishedCase {
  template: ChatTemplateName;
  title: string;
  messages: ChatMessage[];
  generationPrompt: boolean;
  text: string;
}

const fixture = new URL('../../../fixtures/chat-templates/chat-templates.json', import.meta.url);
const cases = JSON.parse(readFileSync(fixture, 'utf8')) as PublishedCase[];

describe('chat templates', () => {
  for (const { template, title, messages, generationPrompt, text } of cases) {
    it(`writes ${template} as published: ${title}`, () => {
      expect(renderChat({ template, messages, generationPrompt })).to.equal(text);
    });
  }

  it('holds every template against published ones', () => {
    expect([...new Set(cases.map(({ template }) => template))]).to.have.members(Object.keys(chatTemplates));
  });

  it('names the message whose role a template does not expect', () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'one' },
      { role: 'user', content: 'two' },
    ];
    for (const template of ['mistral', 'gemma', 'alpaca'] as const)
      expect(() => renderChat({ template, messages })).to.throw(
        `message 3 of the chat is from "user": template ${template} expects "assistant" there`,
      );
  });
});
