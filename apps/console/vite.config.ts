import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/',
  plugins: [react(), tailwindcss()],
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  build: {
    target: 'es2022',
    // Every asset is a file of its own: the content security policy knows no other source.
    assetsInlineLimit: 0,
    // The polyfill would be code for browsers that the stylesheet does not support either.
    modulePreload: { polyfill: false },
  },
});
