import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '@fontsource-variable/vazirmatn/index.css';
import { LocaleProvider, needTexts } from './i18n/locale.tsx';
import { router } from './routes.tsx';
import { Toasts } from './ui/toasts.tsx';
import './ui/tokens.css';
import './ui/controls.css';

async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (!root) throw new Error('The page has no root');
  await needTexts('shared');
  createRoot(root).render(
    <StrictMode>
      <LocaleProvider>
        <RouterProvider router={router} />
        <Toasts />
      </LocaleProvider>
    </StrictMode>,
  );
}

void start();
