import { useEffect, useRef, useState, type ReactNode } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { BoardCampaign } from '../../../server/contract/wallboard.ts';
import { useLocale } from '../i18n/locale.tsx';

/** Ten minutes of seconds. */
const KEPT_POINTS = 600;
const HEIGHT_PX = 150;
const TRYING = '#1b5a91';
const CONNECTED = '#0e6a61';
const WAITING = '#ab2419';

type Series = [number[], number[], number[], number[]];

/** The last ten minutes of calls in flight, from when this page was opened: a glance for the eye; the figures stand beside it in words. */
export function LiveChart({ campaign }: { campaign: BoardCampaign }): ReactNode {
  const { say, format, dir, language } = useLocale();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = useRef<Series>([[], [], [], []]);
  const [enough, setEnough] = useState(false);

  useEffect(() => {
    const series = data.current;
    const { dialing, ringing, screening, waiting, connected } = campaign.inFlight;
    series[0].push(Math.round(Date.now() / 1000));
    series[1].push(dialing + ringing + screening);
    series[2].push(connected);
    series[3].push(waiting);
    for (const column of series) if (column.length > KEPT_POINTS) column.shift();
    if (series[0].length > 1) setEnough(true);
    plot.current?.setData(series);
  }, [campaign]);

  useEffect(() => {
    const element = box.current;
    if (!element || !enough) return;
    const numbers = (_: uPlot, values: number[]): string[] =>
      values.map((value) => (Number.isInteger(value) ? format.number(value) : ''));
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, __, max) => [0, Math.max(4, max)] } },
        axes: [
          {
            space: 90,
            values: (_, times) => {
              const labels = times.map((time) => format.time(new Date(time * 1000).toISOString()));
              return labels.map((label, index) => (label === labels[index - 1] ? '' : label));
            },
            grid: { show: false },
            font: FONT,
            stroke: INK,
          },
          // Time runs left to right in every language; the scale stands where reading begins.
          {
            values: numbers,
            side: dir === 'rtl' ? 1 : 3,
            size: 40,
            grid: { stroke: '#e1ddd2', width: 1 },
            font: FONT,
            stroke: INK,
          },
        ],
        series: [
          {},
          { stroke: TRYING, width: 2, points: { show: false } },
          { stroke: CONNECTED, width: 2, fill: 'rgb(14 106 97 / 12%)', points: { show: false } },
          { stroke: WAITING, width: 2, dash: [4, 3], points: { show: false } },
        ],
      },
      data.current,
      element,
    );
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [enough, dir, language, format]);

  return (
    <figure className="live-chart">
      <figcaption className="small faint">
        {say('chart.title')}
        <span className="chart-key" style={{ color: TRYING }}>
          <i aria-hidden="true" /> {say('chart.trying')}
        </span>
        <span className="chart-key" style={{ color: CONNECTED }}>
          <i aria-hidden="true" /> {say('chart.connected')}
        </span>
        <span className="chart-key dashed" style={{ color: WAITING }}>
          <i aria-hidden="true" /> {say('chart.waiting')}
        </span>
      </figcaption>
      <div ref={box} dir="ltr" aria-hidden="true" />
    </figure>
  );
}

const FONT = '12px "Vazirmatn Variable", system-ui, sans-serif';
const INK = '#5f6d69';
