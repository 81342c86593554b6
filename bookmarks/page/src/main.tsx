import "./page.css";
import { startTexts, startTheme } from "barq-web/kit";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { registerWorker } from "./offline/register.ts";

startTheme();
registerWorker();

const root = document.getElementById("root");
void startTexts({
  en: () => import("./texts/en.json"),
  de: () => import("./texts/de.json"),
}).then(() => {
  if (root) {
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    );
  }
});
