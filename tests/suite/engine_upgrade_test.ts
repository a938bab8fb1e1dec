import { upgradeSuite } from "./engine_upgrade.ts";

upgradeSuite();
