import { SaxesParser } from 'saxes';
import type { ListRecord } from '../records.ts';
import { columnOf, numberText, type CellForm } from './cells.ts';
import type { SharedStrings } from './strings.ts';

/** Longest text of one cell, as spreadsheets have it; what is beyond is no list. */
const MOST_TEXT = 65_536;

/** Feeds XML to a parser piece by piece. Throws what the parser finds wrong. */
export function parserOf(handlers: {
  open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  text?: (text: string) => void;
  close?: (name: string) => void;
}): { write: (text: string) => void; end: () => void } {
  const parser = new SaxesParser();
  let failure: Error | null = null;
  parser.on('error', (error) => {
    failure ??= error;
  });
  if (handlers.open) parser.on('opentag', (tag) => handlers.open?.(bare(tag.name), tag.attributes));
  if (handlers.text) parser.on('text', handlers.text);
  if (handlers.close) parser.on('closetag', (tag) => handlers.close?.(bare(tag.name)));
  const check = (): void => {
    if (failure) throw failure;
  };
  return {
    write(text) {
      parser.write(text);
      check();
    },
    end() {
      parser.close();
      check();
    },
  };
}

/** Some programs write every element with a prefix. */
function bare(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** Gathers the rows of a sheet as its XML comes in; `take` hands out those that are whole. Row numbers are the sheet's own. */
export function sheetReader(strings: SharedStrings, form: CellForm) {
  let records: ListRecord[] = [];
  let row = 0;
  let cells: string[] = [];
  let column = -1;
  let kind = '';
  let style = 0;
  let value = '';
  let inValue = false;
  let aside = false;
  const parser = parserOf({
    open(name, attributes) {
      if (name === 'row') {
        row = Number(attributes['r'] ?? row + 1);
        cells = [];
        column = -1;
      } else if (name === 'c') {
        column = attributes['r'] === undefined ? column + 1 : columnOf(attributes['r']);
        kind = attributes['t'] ?? 'n';
        style = Number(attributes['s'] ?? 0);
        value = '';
      } else if (name === 'rPh') aside = true;
      else if (name === 'v' || name === 't') inValue = !aside;
    },
    text(text) {
      if (inValue && value.length < MOST_TEXT) value += text;
    },
    close(name) {
      if (name === 'v' || name === 't') inValue = false;
      else if (name === 'rPh') aside = false;
      else if (name === 'c' && column >= 0) {
        while (cells.length < column) cells.push('');
        cells[column] = textOf();
      } else if (name === 'row') records.push({ row, cells, broken: false });
    },
  });

  function textOf(): string {
    if (kind === 's') return strings.get(Number(value));
    if (kind === 'e') return '';
    return kind === 'n' || kind === 'd' ? numberText(value, style, form) : value;
  }

  return {
    ...parser,
    take(): ListRecord[] {
      const whole = records;
      records = [];
      return whole;
    },
  };
}
