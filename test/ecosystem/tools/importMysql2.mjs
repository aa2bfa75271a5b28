// The loader hook knows a package by the name that imports it.
export { default } from 'mysql2';
