import { QueryClientProvider } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { BackOffice } from '../ui/back-office.tsx';
import { queries } from './api.ts';
import './admin.css';

/** The frame of the admins' pages. */
export function AdminPage(): ReactNode {
  return (
    <QueryClientProvider client={queries}>
      <BackOffice>
        <Outlet />
      </BackOffice>
    </QueryClientProvider>
  );
}
